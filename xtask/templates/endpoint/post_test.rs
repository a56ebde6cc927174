
#[tokio::test]
async fn {{module}}_answers_whoever_is_signed_in() {
    let app = app().start().await;
    app.anon().post("{{path}}", json!({ "text": "hello" })).await.refused(401, "UNAUTHORIZED");
    let mut ada = app.user("ada").await;
    ada.post("{{path}}", json!({ "text": " " })).await.refused(400, "{{CODE}}_NEEDS_TEXT");
    let answer = ada.post("{{path}}", json!({ "text": "hello" })).await.expect(200);
    assert_eq!((&answer.body["text"], &answer.body["from"]), (&json!("hello"), &json!("Ada")));
}
