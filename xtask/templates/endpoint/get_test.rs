
#[tokio::test]
async fn {{module}}_answers_whoever_is_signed_in() {
    let app = app().start().await;
    app.anon().get("{{path}}").await.refused(401, "UNAUTHORIZED");
    let answer = app.user("ada").await.get("{{path}}").await.expect(200);
    assert_eq!(answer.body["name"], "Ada");
}
