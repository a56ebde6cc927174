//! Which address a request counts as coming from, for rate limits and session records.
//!
//! A header is believed only as far as the configuration allows, and whenever its content is
//! doubtful the answer is "no address": better one shared bucket than one of the sender's choice.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// Bucket of all requests without a believable address.
pub const SHARED_BUCKET: &str = "no-trusted-ip";

/// Where to look for the client's address and whom to believe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIpConfig {
    /// Header names, most preferred first.
    pub headers: Vec<String>,
    /// Proxies whose entries in a forwarding header are skipped, from the right.
    pub trusted_proxies: Vec<IpNet>,
    /// Length of the IPv6 prefix that counts as one client.
    pub ipv6_subnet: u8,
}

impl Default for ClientIpConfig {
    fn default() -> Self {
        Self {
            headers: vec!["x-forwarded-for".to_owned()],
            trusted_proxies: Vec::new(),
            // The usual allocation of one customer, who owns all addresses in it.
            ipv6_subnet: 64,
        }
    }
}

/// The client's address in its canonical form, or `None` when no header gives a trustworthy one.
///
/// `get` returns all lines of a header in their order; several lines mean the same as one line
/// joined with commas.
pub fn client_ip<'h>(config: &ClientIpConfig, get: impl Fn(&str) -> Vec<&'h str>) -> Option<String> {
    config
        .headers
        .iter()
        .find_map(|name| from_lines(config, &get(name)))
        .map(|ip| canonical(ip, config.ipv6_subnet))
}

/// The canonical form of one address, or `None` if it is none.
pub fn normalize(ip: &str, ipv6_subnet: u8) -> Option<String> {
    parse(ip.trim()).map(|ip| canonical(ip, ipv6_subnet))
}

/// The rate limit bucket of a request.
pub fn bucket(ip: Option<&str>) -> &str {
    ip.unwrap_or(SHARED_BUCKET)
}

fn from_lines(config: &ClientIpConfig, lines: &[&str]) -> Option<IpAddr> {
    let mut entries =
        lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim).filter(|entry| !entry.is_empty());
    if config.trusted_proxies.is_empty() {
        // Without a known proxy nobody vouches for any entry of a longer chain.
        let only = entries.next()?;
        return match entries.next() {
            None => parse(only),
            Some(_) => None,
        };
    }
    for entry in entries {
        // What stands left of an unreadable entry cannot be attributed to anyone.
        let ip = parse(entry)?;
        if !config.trusted_proxies.iter().any(|net| net.contains(&ip)) {
            return Some(ip);
        }
    }
    None
}

/// Plain addresses only: no ports, brackets or zones. Mapped IPv6 spellings become IPv4, so that
/// one host has one address and IPv4 networks of trusted proxies match them.
fn parse(entry: &str) -> Option<IpAddr> {
    entry.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

fn canonical(ip: IpAddr, ipv6_subnet: u8) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let host_bits = 128 - u32::from(ipv6_subnet.min(128));
            let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
            let masked = Ipv6Addr::from_bits(ip.to_bits() & mask);
            masked.segments().map(|group| format!("{group:04x}")).join(":")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]

    use super::*;
    use proptest::prelude::*;

    fn config(headers: &[&str], proxies: &[&str]) -> ClientIpConfig {
        ClientIpConfig {
            headers: headers.iter().map(|h| (*h).to_owned()).collect(),
            trusted_proxies: proxies.iter().map(|p| p.parse().unwrap()).collect(),
            ..ClientIpConfig::default()
        }
    }

    fn ask(config: &ClientIpConfig, headers: &[(&str, &'static str)]) -> Option<String> {
        client_ip(config, |name| headers.iter().filter(|(n, _)| *n == name).map(|(_, v)| *v).collect())
    }

    fn plain(value: &'static str) -> Option<String> {
        ask(&ClientIpConfig::default(), &[("x-forwarded-for", value), ("x-real-ip", "9.9.9.9")])
    }

    fn proxied(value: &'static str) -> Option<String> {
        let config = config(&["x-forwarded-for"], &["10.0.0.0/8", "192.168.1.1/32", "2001:db8::/32"]);
        ask(&config, &[("x-forwarded-for", value)])
    }

    #[test]
    fn without_proxies_exactly_one_address_counts() {
        assert_eq!(plain("1.2.3.4").as_deref(), Some("1.2.3.4"));
        assert_eq!(plain(" 1.2.3.4 ,").as_deref(), Some("1.2.3.4"));
        assert_eq!(plain("1.2.3.4, 5.6.7.8"), None);
        assert_eq!(ask(&ClientIpConfig::default(), &[]), None);
        let twice = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "5.6.7.8")];
        assert_eq!(ask(&ClientIpConfig::default(), &twice), None);
    }

    #[test]
    fn malformed_values_are_no_address() {
        for value in [
            "",
            ",",
            "not-an-ip",
            "unknown",
            "1.2.3",
            "01.2.3.4",
            "1.2.3.256",
            "1.2.3.4:80",
            "[::1]",
            "[::1]:80",
            "fe80::1%eth0",
            "for=1.2.3.4",
            "\"1.2.3.4\"",
            "::ffff:256.1.1.1",
        ] {
            assert_eq!(plain(value), None, "{value}");
        }
        assert_eq!(bucket(None), SHARED_BUCKET);
        assert_eq!(bucket(Some("1.2.3.4")), "1.2.3.4");
    }

    #[test]
    fn with_proxies_the_first_untrusted_hop_from_the_right_counts() {
        for (value, expected) in [
            ("6.6.6.6, 1.2.3.4", Some("1.2.3.4")),
            ("6.6.6.6, 1.2.3.4, 10.1.1.1, 10.2.2.2", Some("1.2.3.4")),
            ("1.2.3.4, 192.168.1.1", Some("1.2.3.4")),
            ("1.2.3.4, 2001:db8::5", Some("1.2.3.4")),
            ("1.2.3.4, ::ffff:10.0.0.1", Some("1.2.3.4")),
            ("bad, 1.2.3.4, 10.0.0.1", Some("1.2.3.4")),
            ("1.2.3.4, bad, 10.0.0.1", None),
            ("1.2.3.4, bad", None),
            ("1.2.3.4, 10.0.0.1:8080", None),
            ("10.1.1.1, 10.2.2.2", None),
            ("", None),
        ] {
            assert_eq!(proxied(value).as_deref(), expected, "{value}");
        }
        let config = config(&["x-forwarded-for"], &["10.0.0.0/8"]);
        let lines = [("x-forwarded-for", "6.6.6.6, 1.2.3.4"), ("x-forwarded-for", "10.0.0.1")];
        assert_eq!(ask(&config, &lines).as_deref(), Some("1.2.3.4"));
    }

    #[test]
    fn the_first_header_with_a_usable_address_counts() {
        let config = config(&["x-real-ip", "x-forwarded-for"], &[]);
        let both = |real| ask(&config, &[("x-real-ip", real), ("x-forwarded-for", "1.2.3.4")]);
        assert_eq!(both("8.8.8.8").as_deref(), Some("8.8.8.8"));
        assert_eq!(both("bad").as_deref(), Some("1.2.3.4"));
        assert_eq!(both("1.1.1.1, 2.2.2.2").as_deref(), Some("1.2.3.4"));
    }

    #[test]
    fn spellings_of_one_client_are_one_bucket() {
        for value in ["::ffff:1.2.3.4", "::ffff:0102:0304", "::FFFF:102:304", "0:0:0:0:0:ffff:1.2.3.4"] {
            assert_eq!(plain(value).as_deref(), Some("1.2.3.4"), "{value}");
        }
        for value in ["2001:DB8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002:ffff:ffff:ffff:ffff"] {
            assert_eq!(plain(value).as_deref(), Some("2001:0db8:0001:0002:0000:0000:0000:0000"), "{value}");
        }
    }

    #[test]
    fn the_prefix_length_is_configurable() {
        let ask = |ipv6_subnet| {
            let config = ClientIpConfig { ipv6_subnet, ..ClientIpConfig::default() };
            client_ip(&config, |_| vec!["2001:db8:1:2:3:4:5:6"]).unwrap()
        };
        assert_eq!(ask(0), "0000:0000:0000:0000:0000:0000:0000:0000");
        assert_eq!(ask(48), "2001:0db8:0001:0000:0000:0000:0000:0000");
        assert_eq!(ask(128), "2001:0db8:0001:0002:0003:0004:0005:0006");
        assert_eq!(ask(255), ask(128));
        assert_eq!(normalize("::ffff:1.2.3.4", 64).as_deref(), Some("1.2.3.4"));
        assert_eq!(normalize("1.2.3.4:80", 64), None);
    }

    proptest! {
        #[test]
        fn one_network_is_one_bucket(net: u64, a: u64, b: u64) {
            prop_assume!(net != 0);
            let text = |low: u64| {
                let bits = (u128::from(net) << 64) | u128::from(low);
                canonical(IpAddr::V6(Ipv6Addr::from_bits(bits)), 64)
            };
            prop_assert_eq!(text(a), text(b));
        }

        #[test]
        fn nothing_panics(value in "\\PC{0,40}") {
            let config = config(&["x"], &["10.0.0.0/8"]);
            let _ = client_ip(&config, |_| vec![value.as_str()]);
        }
    }
}
