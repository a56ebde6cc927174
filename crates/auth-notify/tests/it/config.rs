//! The section as operators write it.

use auth_core::{PluginConfig, Preset};
use auth_notify::{Credential, NotifyConfig, SmtpConfig, Tls, Transport, warnings};

fn parse(text: &str) -> NotifyConfig {
    toml::from_str(text).unwrap()
}

fn wrong(text: &str) -> Vec<String> {
    parse(text).validate().into_iter().map(|(key, _)| key).collect()
}

#[test]
fn documented_examples_are_valid() {
    for text in [
        "",
        "transport = 'file'\noutbox = 'out.jsonl'",
        "transport = 'smtp'\nfrom = 'Acme <mail@acme.example>'\n[smtp]\nurl = 'smtps://u:p%40ss@mail.example:465'",
        "transport = 'smtp'\nfrom = 'mail@acme.example'\n[smtp]\nurl = 'smtp://127.0.0.1:1025?tls=none'",
        "transport = 'smtp'\nfrom = 'a@b.cc'\n[smtp]\nhost = 'm.example'\nuser = 'u'\npassword = 'p'\ntls = 'starttls'",
    ] {
        assert_eq!(wrong(text), Vec::<String>::new(), "{text}");
    }
    assert!(toml::from_str::<NotifyConfig>("outbx = 'x'").is_err());
    assert!(toml::from_str::<NotifyConfig>("[smtp]\npasword = 'x'").is_err());
}

#[test]
fn mistakes_are_named_by_key() {
    let smtp = |rest: &str| wrong(&format!("transport = 'smtp'\nfrom = 'a@b.cc'\n[smtp]\n{rest}"));
    assert_eq!(wrong("transport = 'file'"), ["outbox"]);
    assert_eq!(wrong("transport = 'smtp'"), ["from", "smtp.host"]);
    assert_eq!(wrong("transport = 'smtp'\nfrom = 'nobody'\n[smtp]\nhost = 'h'"), ["from"]);
    assert_eq!(wrong("queue = 0\nattempts = 0\ntimeout_ms = 0"), ["queue", "attempts", "timeout_ms"]);
    assert_eq!(wrong("backoff_ms = 9\nbackoff_max_ms = 1"), ["backoff_max_ms"]);
    assert_eq!(wrong("recipient_window = 0"), ["recipient_window"]);
    assert_eq!(smtp("url = 'smtps://h'\nhost = 'h'"), ["smtp.url"]);
    assert_eq!(smtp("host = 'h'\nuser = 'u'"), ["smtp.password"]);
    assert_eq!(smtp("host = 'h'\npassword = 'p'"), ["smtp.user"]);
    for url in ["http://h", "smtp://u@h", "smtp://h?tls=maybe", "smtp:h", "smtps://%ff:p@h", "x"] {
        assert_eq!(smtp(&format!("url = '{url}'")), ["smtp.url"], "{url}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let url = Some(Credential::from("smtps://user:hush@host"));
    let smtp = SmtpConfig { url, password: Some(Credential::from("hush")), ..SmtpConfig::default() };
    let config = NotifyConfig { smtp, transport: Transport::Smtp, ..NotifyConfig::default() };
    let shown = format!("{config:?}{}{:?}", serde_json::to_string(&config).unwrap(), config.validate());
    assert!(!shown.contains("hush") && shown.contains("[secret]"));
}

#[test]
fn presets() {
    assert_eq!(NotifyConfig::preset(Preset::Tessera).max_per_recipient, 10);
    assert_eq!(NotifyConfig::preset(Preset::BetterAuth).max_per_recipient, 0);
}

#[test]
fn every_key_is_described() {
    let schema = auth_core::schemars::schema_for!(NotifyConfig).to_value();
    for properties in [&schema["properties"], &schema["$defs"]["SmtpConfig"]["properties"]] {
        for (key, value) in properties.as_object().unwrap() {
            assert!(value["description"].is_string(), "{key}");
        }
    }
}

#[test]
fn what_the_doctor_says() {
    let mut config = NotifyConfig::default();
    assert_eq!(warnings(&config, false).len(), 0);
    assert!(warnings(&config, true)[0].contains("console"));
    config.transport = Transport::Smtp;
    config.smtp =
        SmtpConfig { host: Some("127.0.0.1".into()), tls: Some(Tls::None), ..SmtpConfig::default() };
    assert_eq!(warnings(&config, true).len(), 0);
    config.smtp.host = Some("mail.example".into());
    assert!(warnings(&config, true)[0].contains("tls"));
}
