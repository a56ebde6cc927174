//! Rules for new passwords, one message each.

use auth_core::ports::{PasswordPolicy, TOO_LONG, TOO_SHORT, Unmet, utf16_len};

use crate::{
    config::{EmailPasswordConfig, PolicyConfig, PolicyProfile},
    deny_list::COMMON,
};

pub(crate) struct Policy {
    config: PolicyConfig,
}

impl Policy {
    pub(crate) fn new(config: &EmailPasswordConfig) -> Self {
        Self { config: config.policy.clone() }
    }
}

type Rule = (&'static str, &'static str, fn(char) -> bool);

const CLASSES: [Rule; 4] = [
    ("uppercase", "Password needs an uppercase letter", char::is_uppercase),
    ("lowercase", "Password needs a lowercase letter", char::is_lowercase),
    ("number", "Password needs a number", char::is_numeric),
    ("special", "Password needs a special character", |c| !c.is_alphanumeric()),
];

impl PasswordPolicy for Policy {
    fn unmet(&self, password: &str) -> Vec<Unmet> {
        let length = utf16_len(password);
        if length > self.config.max_length {
            // Nothing else is looked at: the text may be a megabyte.
            let message = format!("Password must be at most {} characters", self.config.max_length);
            return vec![Unmet { rule: TOO_LONG, message }];
        }
        let mut unmet = Vec::new();
        if length < self.config.min_length {
            let message = format!("Password must be at least {} characters", self.config.min_length);
            unmet.push(Unmet { rule: TOO_SHORT, message });
        }
        match self.config.profile {
            PolicyProfile::Length => {}
            PolicyProfile::Classes => {
                let missing = CLASSES.into_iter().filter(|(_, _, is)| !password.chars().any(is));
                unmet.extend(missing.map(|(rule, message, _)| Unmet { rule, message: message.to_owned() }));
            }
            PolicyProfile::Nist => {
                if COMMON.contains(&password.to_lowercase().as_str()) || is_monotonous(password) {
                    let message = "Password is one that many people use".to_owned();
                    unmet.push(Unmet { rule: "common", message });
                }
            }
        }
        unmet
    }

    fn max_length(&self) -> usize {
        self.config.max_length
    }
}

/// One character again and again.
fn is_monotonous(password: &str) -> bool {
    let mut chars = password.chars();
    let first = chars.next();
    first.is_some_and(|first| chars.all(|c| c == first))
}

#[cfg(test)]
mod tests {
    use auth_core::{PluginConfig, Preset};

    use super::*;

    fn rules(profile: PolicyProfile, password: &str) -> Vec<&'static str> {
        let mut config = EmailPasswordConfig::preset(Preset::Tessera);
        config.policy.profile = profile;
        Policy::new(&config).unmet(password).iter().map(|u| u.rule).collect()
    }

    #[test]
    fn classes_tell_every_rule() {
        use PolicyProfile::Classes;
        assert_eq!(rules(Classes, "Correct-Horse-42"), Vec::<&str>::new());
        assert_eq!(rules(Classes, "short"), [TOO_SHORT, "uppercase", "number", "special"]);
        assert_eq!(rules(Classes, "CORRECT-HORSE-42"), ["lowercase"]);
        assert_eq!(rules(Classes, "Ünïcødé Straße 7"), Vec::<&str>::new());
        assert_eq!(rules(Classes, &"x".repeat(1_000_000)), [TOO_LONG]);
    }

    #[test]
    fn lengths_count_as_browsers_count() {
        // Case 73.
        use PolicyProfile::Length;
        assert_eq!(rules(Length, &"🙂".repeat(6)), Vec::<&str>::new());
        assert_eq!(rules(Length, &"🙂".repeat(5)), [TOO_SHORT]);
        assert_eq!(rules(Length, &"👨‍👩‍👧‍👦".repeat(12)), [TOO_LONG]);
    }

    #[test]
    fn nist_refuses_what_everybody_uses() {
        use PolicyProfile::Nist;
        assert_eq!(rules(Nist, "PASSWORD1234"), ["common"]);
        assert_eq!(rules(Nist, "zzzzzzzzzzzzzzzz"), ["common"]);
        assert_eq!(rules(Nist, "correct horse battery"), Vec::<&str>::new());
    }
}
