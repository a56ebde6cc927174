//! Names in the manners of languages.

/// The words of a name: `callbackURL`, `callback_url` and `callback-url` are `callback` and `url`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            words.extend(Some(std::mem::take(&mut current)).filter(|word| !word.is_empty()));
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let rises = letter.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(char::is_ascii_uppercase)
                    && after.is_some_and(char::is_ascii_lowercase));
        if rises && !current.is_empty() {
            words.push(std::mem::take(&mut current));
        }
        current.push(letter.to_ascii_lowercase());
    }
    words.extend(Some(current).filter(|word| !word.is_empty()));
    words
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub(crate) fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capital(word)).collect()
}

pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

pub(crate) fn camel(name: &str) -> String {
    let words = words(name);
    let rest = words.iter().skip(1).map(|word| capital(word));
    words.first().cloned().into_iter().chain(rest).collect()
}

/// Whether a name can stand in both languages as it is.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_at_capitals_and_after_signs() {
        assert_eq!(words("callbackURL"), ["callback", "url"]);
        assert_eq!(words("getTOTPURI"), ["get", "totpuri"]);
        assert_eq!(words("verifyTwoFactorOTP"), ["verify", "two", "factor", "otp"]);
        assert_eq!(words("TOTPCode"), ["totp", "code"]);
        assert_eq!(words("verify_get"), ["verify", "get"]);
        assert_eq!(words("/list-members/"), ["list", "members"]);
        assert_eq!(words("YOU_ARE_NOT"), ["you", "are", "not"]);
    }

    #[test]
    fn each_language_has_its_manner() {
        assert_eq!(
            (pascal("api-key"), snake("api-key"), camel("api-key")),
            ("ApiKey".to_owned(), "api_key".to_owned(), "apiKey".to_owned())
        );
        assert_eq!(camel("x"), "x");
        assert_eq!(pascal(""), "");
    }
}
