//! Signs in and says who it is: `sign_in http://127.0.0.1:3000/api/auth`.
#![allow(unused_crate_dependencies, reason = "an example needs few of them")]

use auth_client::{
    BoxError, Client, Connection,
    api::{EmailPasswordSignIn, SignInEmailCode},
};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let address = std::env::args().nth(1).ok_or("which server?")?;
    let client = Client::new(Connection::new(&address)?);
    let ada = EmailPasswordSignIn {
        email: "ada@example.com".to_owned(),
        password: "Correct-Horse-42".to_owned(),
        ..EmailPasswordSignIn::default()
    };
    match client.email_password().sign_in_email(&ada).await {
        Ok(signed_in) => println!("{} is signed in", signed_in.user.name),
        Err(error) if error.code() == Some(&SignInEmailCode::InvalidEmailOrPassword) => {
            println!("no such person");
        }
        Err(error) => println!("{error}; wait {:?}; trace {:?}", error.retry_after(), error.trace_id()),
    }
    Ok(())
}
