//! The spellings of a plugin's id.

use anyhow::{Result, bail};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) id: String,
    pub(crate) snake: String,
    pub(crate) camel: String,
    pub(crate) pascal: String,
    title: String,
}

impl Names {
    pub(crate) fn new(id: &str) -> Result<Self> {
        let word = |w: &str| {
            w.starts_with(|c: char| c.is_ascii_lowercase())
                && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !id.split('-').all(word) {
            bail!("`{id}` is no id of a plugin: lower-case words with `-` between them, such as `api-key`");
        }
        Ok(Self {
            snake: id.replace('-', "_"),
            camel: camel(id.split('-')),
            pascal: id.split('-').map(capital).collect(),
            title: capital(&id.replace('-', " ")),
            id: id.to_owned(),
        })
    }

    /// Another name for the type where a template uses this one itself.
    pub(crate) fn avoiding<'t>(mut self, templates: impl Iterator<Item = &'t str>) -> Self {
        let word = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        if templates.flat_map(|template| template.split(word)).any(|used| used == self.pascal) {
            self.pascal += "Plugin";
        }
        self
    }

    pub(crate) fn fill(&self, template: &str) -> String {
        fill(
            template,
            &[
                ("id", &self.id),
                ("snake", &self.snake),
                ("camel", &self.camel),
                ("Type", &self.pascal),
                ("Title", &self.title),
            ],
        )
    }
}

/// Puts values in the places of their `{{names}}`.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

pub(crate) fn camel<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.enumerate().map(|(at, word)| if at == 0 { word.to_owned() } else { capital(word) }).collect()
}

pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_spellings() -> Result<()> {
        let names = Names::new("api-key2")?;
        let spelled =
            (names.snake.as_str(), names.camel.as_str(), names.pascal.as_str(), names.title.as_str());
        assert_eq!(spelled, ("api_key2", "apiKey2", "ApiKey2", "Api key2"));
        for bad in ["", "Api", "a--b", "-a", "2fa", "a_b", "a/b", "é"] {
            assert!(Names::new(bad).is_err(), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn a_type_is_not_called_as_another_one() -> Result<()> {
        let named =
            |id| Ok::<_, anyhow::Error>(Names::new(id)?.avoiding(["use a::{Note};"].into_iter()).pascal);
        assert_eq!((named("note")?, named("not")?), ("NotePlugin".to_owned(), "Not".to_owned()));
        Ok(())
    }
}
