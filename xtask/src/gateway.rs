//! `cargo xtask gateway`: the book's nginx configuration with a real nginx, in front of a real page.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, ensure};

use crate::{
    server::{Running, ask, start, wait},
    services::install,
    shell::{Scratch, free_port, read, root, which},
};

/// The plugins that the configuration is about.
const PLUGINS: &[&str] =
    &["plugins.bearer.enabled=true", "plugins.forward-auth.enabled=true", "plugins.jwt.enabled=true"];

pub(crate) fn run() -> Result<()> {
    if which("nginx").is_none() && !Path::new("/usr/sbin/nginx").exists() {
        install("nginx-light")?;
    }
    let folder = Scratch::new("gateway")?;
    let (server, gate) = (free_port()?, free_port()?);
    let page = page()?;
    let _server = start(&folder.0, server, PLUGINS)?;
    let _gate = start_nginx(&folder.0, &[(":8000", gate), (":3000", server), (":8080", page)])?;
    wait(server)?;
    wait(gate)?;
    let visit = |headers: &str| ask(gate, "GET /private", headers, "");

    let stranger = visit("")?;
    ensure!(stranger.starts_with("HTTP/1.1 401"), "a stranger got: {stranger}");
    let liar = visit("x-auth-user: root\r\n")?;
    ensure!(liar.starts_with("HTTP/1.1 401"), "a made-up header opened the page: {liar}");

    let body = r#"{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-42"}"#;
    let answer = ask(gate, "POST /api/auth/sign-up/email", "content-type: application/json\r\n", body)?;
    let cookie = session_cookie(&answer).context("signing up set no cookie")?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let token = header(&answer, "set-auth-token").context("signing up gave no token")?;
    let id = answer.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).context("no id")?;

    let with_cookie = format!("cookie: {cookie}\r\nx-auth-user: root\r\n");
    let answer = ask(gate, "GET /api/auth/token", &with_cookie, "")?;
    let signed =
        answer.split("\"token\":\"").nth(1).and_then(|rest| rest.split('"').next()).context("no JWT")?;
    let [with_token, with_jwt] = [token, signed].map(|token| format!("authorization: Bearer {token}\r\n"));
    for headers in [&with_cookie, &with_token, &with_jwt] {
        let headers = headers.as_str();
        let opened = visit(headers)?;
        ensure!(opened.starts_with("HTTP/1.1 200"), "the page stayed closed: {opened}");
        ensure!(opened.contains(&format!("user={id}")), "the page was told somebody else: {opened}");
    }
    // As Envoy asks: the request's own method and path behind the address, a foreign page's origin.
    let envoy = |headers: &str| {
        let headers = format!("{headers}origin: http://elsewhere.example\r\n");
        ask(server, "POST /api/auth/verify/private?a=b", &headers, "")
    };
    let (opened, closed) = (envoy(&with_jwt)?, envoy("x-auth-user: root\r\n")?);
    ensure!(
        opened.starts_with("HTTP/1.1 200") && header(&opened, "x-auth-user") == Some(id),
        "Envoy got: {opened}"
    );
    ensure!(
        closed.starts_with("HTTP/1.1 401") && header(&closed, "x-auth-user").is_none(),
        "Envoy got: {closed}"
    );
    let out = format!(
        "cookie: {cookie}\r\norigin: http://127.0.0.1:{server}\r\ncontent-type: application/json\r\n"
    );
    let answer = ask(gate, "POST /api/auth/sign-out", &out, "{}")?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "signing out failed: {answer}");
    for headers in [&with_cookie, &with_token, &with_jwt] {
        let closed = visit(headers)?;
        ensure!(closed.starts_with("HTTP/1.1 401"), "the page is open after signing out: {closed}");
    }
    println!("gateway: nginx let strangers wait, told the page who came, and closed after signing out");
    Ok(())
}

/// An application that believes what the proxy says.
fn page() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            drop(answer(stream));
        }
    });
    Ok(port)
}

fn answer(mut stream: TcpStream) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let body = format!("user={}", header(&head, "x-auth-user").unwrap_or_default());
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())?;
    Ok(())
}

fn start_nginx(folder: &Path, ports: &[(&str, u16)]) -> Result<Running> {
    let mut config = read(&root().join("docs/how-to/nginx.conf"))?;
    for (name, port) in ports {
        ensure!(config.contains(name), "nginx.conf does not name port {name}");
        config = config.replace(name, &format!(":{port}"));
    }
    let place = folder.display();
    let mut temporary = String::new();
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        temporary += &format!("    {kind}_temp_path {place}/{kind};\n");
    }
    let config = config.replacen("http {\n", &format!("http {{\n    access_log off;\n{temporary}"), 1);
    let global =
        format!("daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log {place}/error.log;\n");
    fs::write(folder.join("nginx.conf"), global + &config)?;
    let program = which("nginx").unwrap_or_else(|| "/usr/sbin/nginx".into());
    let mut command = Command::new(program);
    command.arg("-c").arg(folder.join("nginx.conf")).arg("-p").arg(folder).stderr(Stdio::null());
    Ok(Running(command.spawn().context("cannot start nginx")?))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.split("\r\n\r\n").next()?.lines();
    lines
        .filter_map(|line| line.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}

fn session_cookie(answer: &str) -> Option<&str> {
    let mut set = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    set.find(|cookie| cookie.contains("session_token="))
}
