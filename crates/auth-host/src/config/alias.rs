//! Other names of keys: those of Better Auth's options, and of applications that wrap it.
//!
//! A layer may use either name. Both in one layer with different values are a mistake.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

/// The other name and the key path that it stands for.
const ALIASES: &[(&str, &str)] = &[
    ("applicationName", "app_name"),
    ("appName", "app_name"),
    ("baseURL", "base_url"),
    ("basePath", "base_path"),
    ("trustedOrigins", "trusted_origins"),
    ("disabledPaths", "disabled_paths"),
    ("rateLimit", "rate_limit"),
    ("security.checkOrigin", "check_origin"),
    ("security.checkCSRF", "check_csrf"),
    ("security.rateLimit", "rate_limit"),
    ("security.cookies", "cookies"),
    ("security.passwords", "passwords"),
];

/// `features.<id> = true | false` switches a plugin.
const FEATURES: &str = "features";

/// A layer whose other names became keys.
pub(super) struct Renamed<P>(pub(super) P);

impl<P: Provider> Provider for Renamed<P> {
    fn metadata(&self) -> Metadata {
        self.0.metadata()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut data = self.0.data()?;
        for dict in data.values_mut() {
            for (other, key) in ALIASES {
                if let Some(value) = take(dict, other) {
                    put(dict, key, value, other).map_err(Error::from)?;
                }
            }
            if let Some(Value::Dict(tag, features)) = dict.remove(FEATURES) {
                for (id, on) in features {
                    if !matches!(on, Value::Bool(..)) {
                        let what =
                            format!("`{FEATURES}.{id}` is true or false; settings stand in `plugins.{id}`");
                        return Err(Error::from(what));
                    }
                    let section = Value::Dict(tag, Dict::from([("enabled".to_owned(), on)]));
                    let plugins = Value::Dict(tag, Dict::from([(id.clone(), section)]));
                    put(dict, "plugins", plugins, &format!("{FEATURES}.{id}")).map_err(Error::from)?;
                }
            }
        }
        Ok(data)
    }
}

/// Takes a value out by its path; a table that is empty then goes too.
fn take(dict: &mut Dict, path: &str) -> Option<Value> {
    let Some((head, rest)) = path.split_once('.') else { return dict.remove(path) };
    let Some(Value::Dict(_, inner)) = dict.get_mut(head) else { return None };
    let found = take(inner, rest);
    if inner.is_empty() {
        dict.remove(head);
    }
    found
}

/// Puts a value under its key; tables are joined.
fn put(dict: &mut Dict, key: &str, value: Value, other: &str) -> Result<(), String> {
    match (dict.get_mut(key), value) {
        (Some(Value::Dict(_, there)), Value::Dict(_, new)) => {
            for (name, value) in new {
                put(there, &name, value, other)?;
            }
        }
        (Some(there), value) if *there != value => {
            return Err(format!("`{other}` says something else than `{key}`; keep one of them"));
        }
        (_, value) => {
            dict.insert(key.to_owned(), value);
        }
    }
    Ok(())
}
