//! What must stand in no answer and no log.

use auth_testkit::json;

use crate::support::{
    Log, PASSWORD, app, challenged, enrolled, mailed, parameter, upstream, verify_backup, verify_otp,
    verify_totp, wrong_code,
};

#[tokio::test]
async fn no_answer_and_no_log_has_a_secret() {
    // Case 140.
    for builder in [app(), upstream()] {
        let log = Log::default();
        let _guard = log.listen();
        let app = builder.start().await;
        let mut ada = enrolled(&app, "ada").await;
        let mut answers = Vec::new();
        let mut browser = challenged(&app, "ada").await;
        let (wrong, code) = (wrong_code(&app, &ada.uri), ada.code(&app));
        answers.push(verify_totp(&mut browser, &wrong).await);
        answers.push(verify_backup(&mut browser, "aaaaa-bbbbb").await);
        let otp = mailed(&app, &mut browser, "ada").await;
        answers.push(verify_otp(&mut browser, "x").await);
        answers.push(verify_totp(&mut browser, &code).await.expect(200));
        for path in ["/get-session", "/list-sessions", "/list-accounts", "/two-factor/devices"] {
            answers.push(browser.get(path).await.expect(200));
        }
        let mut second = challenged(&app, "ada").await;
        answers.push(verify_backup(&mut second, &ada.backup[0]).await.expect(200));
        answers.push(ada.actor.post("/update-user", json!({ "name": "ada" })).await.expect(200));
        answers
            .push(ada.actor.post("/two-factor/disable", json!({ "password": PASSWORD })).await.expect(200));
        let secret = parameter(&ada.uri, "secret");
        for answer in &answers {
            for name in
                ["secret", "backupCodes", "otpauth:", "failedVerificationCount", "lastUsedStep", "tokenHash"]
            {
                assert!(!answer.text.contains(name), "{name} in {}", answer.text);
            }
            assert!(!answer.text.contains(&otp) && !answer.text.contains(&secret), "{}", answer.text);
        }
        let text = log.text();
        assert!(text.contains("event"), "something was logged");
        let codes = [code.as_str(), otp.as_str(), wrong.as_str()].map(|code| format!("\"{code}\""));
        let (_, cookie) = second.cookie_pair("session_token").unwrap();
        let secrets = [secret.as_str(), "otpauth:", &cookie, cookie.split('.').next().unwrap(), PASSWORD];
        let backup = ada.backup.iter().map(String::as_str);
        for secret in secrets.into_iter().chain(backup).chain(codes.iter().map(String::as_str)) {
            assert!(!text.contains(secret), "{secret} is in the log");
        }
    }
}
