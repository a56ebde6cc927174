//! A person's way through the features, each answer typed.

use std::time::Duration;

use auth_client::{
    Error, Json, Map,
    api::{
        CreateOrganizationCode, EmailPasswordSignIn, GetSessionQuery, OrganizationAccept, OrganizationCreate,
        OrganizationInvite, OrganizationOneOrMore, SignInEmailCode,
    },
    http::StatusCode,
};

use crate::{PASSWORD, app, browser, serve, sign_up};

#[tokio::test]
async fn a_person_signs_up_leaves_and_comes_back() {
    let server = serve(app()).await;
    let client = browser(&server);
    let query = GetSessionQuery::default();
    assert_eq!(client.session().get_session(&query).await.unwrap(), None);

    let made = sign_up(&client, "ada").await;
    let view = client.session().get_session(&query).await.unwrap().expect("she is signed in");
    assert_eq!((view.user.id.as_str(), view.user.image.as_deref()), (made.user.id.as_str(), None));

    let change = Map::from([("name".to_owned(), Json::from("Ada Lovelace"))]);
    client.account().update_user(&change).await.unwrap();
    let fresh = GetSessionQuery { disable_cookie_cache: true, ..GetSessionQuery::default() };
    let view = client.session().get_session(&fresh).await.unwrap().unwrap();
    assert_eq!(view.user.name, "Ada Lovelace");

    client.session().sign_out(None).await.unwrap();
    assert_eq!(client.session().get_session(&query).await.unwrap(), None);
    let again = EmailPasswordSignIn {
        email: "ada@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        ..EmailPasswordSignIn::default()
    };
    assert_eq!(client.email_password().sign_in_email(&again).await.unwrap().user.id, made.user.id);
    assert_eq!(client.session().list_sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_refusal_has_its_code_its_status_and_its_trace() {
    let server = serve(app()).await;
    let client = browser(&server);
    let nobody = EmailPasswordSignIn {
        email: "nobody@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        ..EmailPasswordSignIn::default()
    };
    let error = client.email_password().sign_in_email(&nobody).await.unwrap_err();
    assert_eq!(error.code(), Some(&SignInEmailCode::InvalidEmailOrPassword));
    assert_eq!(error.status(), Some(StatusCode::UNAUTHORIZED));
    assert!(error.trace_id().is_some_and(|trace| trace.len() >= 16));
    assert_eq!(error.retry_after(), None);
}

#[tokio::test]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let server = serve(app().set("rate_limit.enabled", true)).await;
    let client = browser(&server);
    let nobody = EmailPasswordSignIn {
        email: "nobody@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        ..EmailPasswordSignIn::default()
    };
    for _ in 0..100 {
        let error = client.email_password().sign_in_email(&nobody).await.unwrap_err();
        if error.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
            assert!(error.retry_after().is_some_and(|wait| wait > Duration::ZERO), "{error:?}");
            return;
        }
    }
    panic!("nothing was limited");
}

#[tokio::test]
async fn a_guest_joins_an_organization_by_invitation() {
    let server = serve(app().set("plugins.organization.require_verified_email", false)).await;
    let (ada, bob) = (browser(&server), browser(&server));
    sign_up(&ada, "ada").await;
    sign_up(&bob, "bob").await;
    let mosaic = OrganizationCreate {
        name: "Mosaic".to_owned(),
        slug: "mosaic".to_owned(),
        ..OrganizationCreate::default()
    };
    let made = ada.organization().create(&mosaic).await.unwrap();
    assert_eq!((made.slug.as_str(), made.members.len()), ("mosaic", 1));
    let error = ada.organization().create(&mosaic).await.unwrap_err();
    assert_eq!(error.code(), Some(&CreateOrganizationCode::OrganizationAlreadyExists));

    let invite = OrganizationInvite {
        email: "bob@example.com".to_owned(),
        role: OrganizationOneOrMore::Text("member".to_owned()),
        organization_id: Some(made.id.clone()),
        resend: None,
        team_id: None,
    };
    let invitation = ada.organization().invite_member(&invite).await.unwrap();
    let accept = OrganizationAccept { invitation_id: invitation.id };
    let accepted = bob.organization().accept_invitation(&accept).await.unwrap();
    assert_eq!(accepted.member.organization_id, made.id);
    let his = bob.organization().list().await.unwrap();
    assert_eq!(his.iter().map(|organization| organization.id.as_str()).collect::<Vec<_>>(), [made.id]);
    // Once more is once too often.
    let error = bob.organization().accept_invitation(&accept).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
}
