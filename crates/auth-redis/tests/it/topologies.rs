//! Sentinels, a cluster, TLS: counters, word between nodes and what they share, on each.

use std::{path::PathBuf, sync::Arc, time::Duration};

use auth_core::rate::{Ask, Limit, Limiter};
use auth_redis::{Mode, Redis, RedisConfig, RedisLimiter};
use auth_testkit::auth_core::{self, ports::Nodes};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::{
    node::{Node, SECRET, agree},
    server::{Server, free_port, is_there},
    until,
};

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tessera-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Everything that speaks to Redis does what it does with one server.
async fn all_works(a: &Node, b: &Node, redis: Arc<Redis>) {
    agree(&[a, b]).await;
    // Enough keys that every server of a cluster has some.
    for at in 0..20 {
        let key = format!("key {at}");
        a.share(&key, "value").await;
        assert_eq!(b.shared(&key).await.as_deref(), Some("value"), "{key}");
        let late = {
            b.remove(&key).await;
            a.claim(&key).await
        };
        b.remove(&key).await;
        a.put(&key, "old", late).await;
        assert_eq!(b.shared(&key).await, None, "{key}");
    }
    a.tell("told");
    until("b hears a", async || b.notes.has("told")).await;
    let limiter = RedisLimiter::new(redis);
    let [limit, wide] = [10, 100].map(|max| Limit::new(max, Duration::from_secs(60)));
    for at in 0..5 {
        let mut allowed = 0;
        for _ in 0..12 {
            // Two counters of a request lie on different servers of a cluster.
            let asked = [Ask::new(format!("{at}"), limit), Ask::new(format!("{at} besides"), wide)];
            allowed += usize::from(limiter.hit(&asked, 0).await.unwrap().is_allowed());
        }
        assert_eq!(allowed, 10);
    }
}

async fn two(config: &RedisConfig) -> (Node, Node) {
    let redis = || Redis::new(config.clone()).unwrap();
    let a = Node::with(redis(), SECRET).await;
    let b = a.beside(redis()).await;
    (a, b)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_with_a_certificate_of_a_private_authority() {
    if !is_there() {
        return;
    }
    let folder = Folder::new("tls");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let ca = folder.put("ca.pem", &issuer.pem());
    let (certificate, key) =
        (folder.put("cert.pem", &certificate.pem()), folder.put("key.pem", &key.serialize_pem()));
    let port = free_port();
    let server = Server::start(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &ca,
        "--tls-auth-clients",
        "no",
    ]);
    let config = RedisConfig {
        url: format!("rediss://localhost:{port}/0"),
        ca_file: ca,
        // The first handshake of a debug build takes its time.
        connect_timeout_ms: 5000,
        ..server.config()
    };
    let (a, b) = two(&config).await;
    all_works(&a, &b, Redis::new(config.clone()).unwrap()).await;
    // Whoever does not know the authority, or asks for another name, is not let in.
    for wrong in [
        RedisConfig { ca_file: String::new(), ..config.clone() },
        RedisConfig { url: format!("rediss://127.0.0.1:{port}/0"), ..config.clone() },
    ] {
        let away = Redis::new(wrong).unwrap().ping().await.unwrap_err().to_string();
        assert!(away.to_lowercase().contains("certificate"), "{away}");
    }
    let missing = Redis::new(RedisConfig { ca_file: "/nowhere/ca.pem".to_owned(), ..config });
    assert!(missing.err().unwrap()[0].to_string().contains("redis.ca_file"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_cluster() {
    if !is_there() {
        return;
    }
    let folders: Vec<_> = (0..3).map(|at| Folder::new(&format!("cluster-{at}"))).collect();
    let ports: Vec<_> = (0..3).map(|_| free_port().to_string()).collect();
    let mut servers: Vec<_> = folders
        .iter()
        .zip(&ports)
        .map(|(folder, port)| {
            let folder = folder.0.to_str().unwrap();
            let flags = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
            let place = ["--cluster-port", port, "--dir", folder, "--cluster-require-full-coverage", "no"];
            Server::start(&[&flags[..], &place[..]].concat())
        })
        .collect();
    for (at, (from, to)) in [(0, 5460), (5461, 10922), (10923, 16383)].into_iter().enumerate() {
        assert_eq!(servers[at].say(&format!("CLUSTER ADDSLOTSRANGE {from} {to}")), "+OK");
        let meet = format!("CLUSTER MEET 127.0.0.1 {} {}", servers[at].port, ports[at]);
        assert_eq!(servers[0].say(&meet), "+OK");
    }
    until("the cluster is whole", async || {
        servers.iter().all(|server| {
            let info = server.all("CLUSTER INFO");
            info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384")
        })
    })
    .await;
    let urls: Vec<_> = servers.iter().map(|server| server.config().url.replace("/0", "")).collect();
    let config = RedisConfig { url: urls.join(","), mode: Mode::Cluster, ..RedisConfig::default() };
    let (a, b) = two(&config).await;
    all_works(&a, &b, Redis::new(config.clone()).unwrap()).await;
    let spread = servers.iter().filter(|server| server.say("DBSIZE") != ":0").count();
    assert_eq!(spread, 3, "every server has some of it");
    // One server of three goes: what was on it costs time, and nothing is wrong.
    servers[0].kill();
    for at in 0..20 {
        let key = format!("key {at}");
        a.remove(&key).await;
        assert_eq!(b.shared(&key).await, None, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sentinels_and_through_a_failover() {
    if !is_there() {
        return;
    }
    let folder = Folder::new("sentinel");
    let mut master = Server::start(&[]);
    let replica = Server::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    let file = folder.put(
        "sentinel.conf",
        &format!(
            "sentinel monitor main 127.0.0.1 {} 1\nsentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 2000\n",
            master.port
        ),
    );
    let sentinel = Server::sentinel(&file);
    until("the sentinel knows the replica", async || {
        sentinel.all("SENTINEL REPLICAS main").contains(&replica.port.to_string())
            && replica.all("INFO replication").contains("master_link_status:up")
    })
    .await;
    let config = RedisConfig {
        url: format!("redis://127.0.0.1:{}", sentinel.port),
        mode: Mode::Sentinel,
        sentinel_master: "main".to_owned(),
        ..RedisConfig::default()
    };
    let (a, b) = two(&config).await;
    all_works(&a, &b, Redis::new(config.clone()).unwrap()).await;
    assert_eq!(master.say("DBSIZE"), replica.say("DBSIZE"));

    a.share("a", "old").await;
    until("the replica has it", async || master.say("DBSIZE") == replica.say("DBSIZE")).await;
    // The replica does not hear of the removal any more.
    replica.say("REPLICAOF NO ONE");
    replica.say("REPLICAOF 127.0.0.1 1");
    a.remove("a").await;
    master.kill();
    until("touch is lost", async || !a.bus.in_touch() && !b.bus.in_touch()).await;
    until("the sentinel has made the replica the master", async || {
        replica.all("INFO replication").contains("role:master")
    })
    .await;
    agree(&[&a, &b]).await;
    assert_eq!((a.shared("a").await, b.shared("a").await), (None, None), "it is not believed");
    b.share("b", "new").await;
    assert_eq!(a.shared("b").await.as_deref(), Some("new"));
    a.tell("afterwards");
    until("b hears a", async || b.notes.has("afterwards")).await;
}
