// A typed client of Your Auth System. Written by `auth-codegen`; changes here are lost.

use crate::{
    Bytes, Call, Connection, Error, Json, JsonOrRedirect, Map, Redirect, TextOrRedirect,
    serde::{Deserialize, Serialize},
};

/// All operations, by plugin.
#[derive(Clone, Debug)]
pub struct Client {
    connection: Connection,
}

impl Client {
    /// Over a connection, which may be shared with other clients.
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// The connection, with its credentials.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The user's own account: update, change address, delete, linked accounts.
    pub fn account(&self) -> AccountApi<'_> {
        AccountApi {
            connection: &self.connection,
        }
    }

    /// Keys for programs, with permissions, quotas and rate limits.
    pub fn api_key(&self) -> ApiKeyApi<'_> {
        ApiKeyApi {
            connection: &self.connection,
        }
    }

    /// The session token in the Authorization header.
    pub fn bearer(&self) -> BearerApi<'_> {
        BearerApi {
            connection: &self.connection,
        }
    }

    /// Sign-up and sign-in with e-mail and password, verification, reset.
    pub fn email_password(&self) -> EmailPasswordApi<'_> {
        EmailPasswordApi {
            connection: &self.connection,
        }
    }

    /// Tells a proxy who is signed in.
    pub fn forward_auth(&self) -> ForwardAuthApi<'_> {
        ForwardAuthApi {
            connection: &self.connection,
        }
    }

    /// Operations of `host`.
    pub fn host(&self) -> HostApi<'_> {
        HostApi {
            connection: &self.connection,
        }
    }

    /// Signed tokens for other services, and the keys to check them.
    pub fn jwt(&self) -> JwtApi<'_> {
        JwtApi {
            connection: &self.connection,
        }
    }

    /// Several accounts in one browser.
    pub fn multi_session(&self) -> MultiSessionApi<'_> {
        MultiSessionApi {
            connection: &self.connection,
        }
    }

    /// Organizations with members, roles, invitations and teams.
    pub fn organization(&self) -> OrganizationApi<'_> {
        OrganizationApi {
            connection: &self.connection,
        }
    }

    /// Sockets that end with what lets their users in.
    pub fn realtime(&self) -> RealtimeApi<'_> {
        RealtimeApi {
            connection: &self.connection,
        }
    }

    /// Session cookies, cookie cache, refresh, list and revoke.
    pub fn session(&self) -> SessionApi<'_> {
        SessionApi {
            connection: &self.connection,
        }
    }

    /// A second proof at sign-in: authenticator apps, codes by mail, backup codes, trusted devices.
    pub fn two_factor(&self) -> TwoFactorApi<'_> {
        TwoFactorApi {
            connection: &self.connection,
        }
    }
}

/// The user's own account: update, change address, delete, linked accounts.
#[derive(Clone, Copy, Debug)]
pub struct AccountApi<'a> {
    connection: &'a Connection,
}

impl AccountApi<'_> {
    /// What a provider says of the user.
    ///
    /// `GET /account-info`
    pub async fn account_info(&self) -> Result<AccountInfo, Error<AccountInfoCode>> {
        let call = Call::get("/account-info");
        self.connection.json(call).await
    }

    /// Where providers send the browser back to.
    ///
    /// `GET /callback/{id}`
    pub async fn callback_o_auth(
        &self,
        id: &str,
        query: &CallbackOAuthQuery,
    ) -> Result<Redirect, Error<CallbackOAuthCode>> {
        let mut call = Call::get("/callback/");
        call.segment(id);
        call.query(query);
        self.connection.redirect(call).await
    }

    /// Begins a change of address.
    ///
    /// `POST /change-email`
    pub async fn change_email(
        &self,
        body: &AccountChangeEmail,
    ) -> Result<AccountStatus, Error<ChangeEmailCode>> {
        let mut call = Call::post("/change-email");
        call.body(body);
        self.connection.json(call).await
    }

    /// Deletes the user, at once or by a mailed link.
    ///
    /// `POST /delete-user`
    pub async fn delete_user(
        &self,
        body: &AccountDeleteUser,
    ) -> Result<AccountDeletedUser, Error<DeleteUserCode>> {
        let mut call = Call::post("/delete-user");
        call.body(body);
        self.connection.json(call).await
    }

    /// Redeems the mailed link that deletes the user.
    ///
    /// `GET /delete-user/callback`
    pub async fn delete_user_callback(
        &self,
        query: &DeleteUserCallbackQuery,
    ) -> Result<JsonOrRedirect<AccountDeletedUser>, Error<DeleteUserCallbackCode>> {
        let mut call = Call::get("/delete-user/callback");
        call.query(query);
        self.connection.json_or_redirect(call).await
    }

    /// A provider's access token.
    ///
    /// `POST /get-access-token`
    pub async fn get_access_token(
        &self,
        body: &AccountSelection,
    ) -> Result<AccountAccessToken, Error<GetAccessTokenCode>> {
        let mut call = Call::post("/get-access-token");
        call.body(body);
        self.connection.json(call).await
    }

    /// Begins linking an account at a provider.
    ///
    /// `POST /link-social`
    pub async fn link_social_account(
        &self,
        body: &AccountSocial,
    ) -> Result<AccountSocialRedirect, Error<LinkSocialAccountCode>> {
        let mut call = Call::post("/link-social");
        call.body(body);
        self.connection.json(call).await
    }

    /// Ways in which the user can sign in.
    ///
    /// `GET /list-accounts`
    pub async fn list_user_accounts(
        &self,
    ) -> Result<Vec<AccountView>, Error<ListUserAccountsCode>> {
        let call = Call::get("/list-accounts");
        self.connection.json(call).await
    }

    /// A provider's tokens, refreshed.
    ///
    /// `POST /refresh-token`
    pub async fn refresh_token(
        &self,
        body: &AccountSelection,
    ) -> Result<AccountRefreshedTokens, Error<RefreshTokenCode>> {
        let mut call = Call::post("/refresh-token");
        call.body(body);
        self.connection.json(call).await
    }

    /// Begins signing in with a provider.
    ///
    /// `POST /sign-in/social`
    pub async fn sign_in_social(
        &self,
        body: &AccountSocial,
    ) -> Result<AccountSocialRedirect, Error<SignInSocialCode>> {
        let mut call = Call::post("/sign-in/social");
        call.body(body);
        self.connection.json(call).await
    }

    /// Removes a way to sign in.
    ///
    /// `POST /unlink-account`
    pub async fn unlink_account(
        &self,
        body: &AccountUnlink,
    ) -> Result<AccountStatus, Error<UnlinkAccountCode>> {
        let mut call = Call::post("/unlink-account");
        call.body(body);
        self.connection.json(call).await
    }

    /// Changes name, image and declared fields.
    ///
    /// `POST /update-user`
    pub async fn update_user(
        &self,
        body: &Map<Json>,
    ) -> Result<AccountStatus, Error<UpdateUserCode>> {
        let mut call = Call::post("/update-user");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Keys for programs, with permissions, quotas and rate limits.
#[derive(Clone, Copy, Debug)]
pub struct ApiKeyApi<'a> {
    connection: &'a Connection,
}

impl ApiKeyApi<'_> {
    /// Makes a key; the answer is the only one that shows it.
    ///
    /// `POST /api-key/create`
    pub async fn create(
        &self,
        body: &CreateApiKey,
    ) -> Result<CreatedApiKey, Error<CreateApiKeyCode>> {
        let mut call = Call::post("/api-key/create");
        call.body(body);
        self.connection.json(call).await
    }

    /// Deletes a key.
    ///
    /// `POST /api-key/delete`
    pub async fn delete(
        &self,
        body: &DeleteApiKey,
    ) -> Result<ApiKeySuccess, Error<DeleteApiKeyCode>> {
        let mut call = Call::post("/api-key/delete");
        call.body(body);
        self.connection.json(call).await
    }

    /// One of the caller's keys.
    ///
    /// `GET /api-key/get`
    pub async fn get(&self, query: &GetApiKeyQuery) -> Result<ApiKeyView, Error<GetApiKeyCode>> {
        let mut call = Call::get("/api-key/get");
        call.query(query);
        self.connection.json(call).await
    }

    /// The caller's keys.
    ///
    /// `GET /api-key/list`
    pub async fn list(&self, query: &ListApiKeysQuery) -> Result<ApiKeys, Error<ListApiKeysCode>> {
        let mut call = Call::get("/api-key/list");
        call.query(query);
        self.connection.json(call).await
    }

    /// Disables a key that was found somewhere.
    ///
    /// `POST /api-key/report-leak`
    pub async fn report_leak(
        &self,
        body: &ApiKeyReportLeak,
    ) -> Result<ApiKeySuccess, Error<ReportLeakedApiKeyCode>> {
        let mut call = Call::post("/api-key/report-leak");
        call.body(body);
        self.connection.json(call).await
    }

    /// Gives a key a new text; the old one stays good for a while.
    ///
    /// `POST /api-key/rotate`
    pub async fn rotate(
        &self,
        body: &RotateApiKey,
    ) -> Result<RotatedApiKey, Error<RotateApiKeyCode>> {
        let mut call = Call::post("/api-key/rotate");
        call.body(body);
        self.connection.json(call).await
    }

    /// Changes a key.
    ///
    /// `POST /api-key/update`
    pub async fn update(&self, body: &UpdateApiKey) -> Result<ApiKeyView, Error<UpdateApiKeyCode>> {
        let mut call = Call::post("/api-key/update");
        call.body(body);
        self.connection.json(call).await
    }

    /// How often a key was used.
    ///
    /// `GET /api-key/usage`
    pub async fn usage(
        &self,
        query: &ApiKeyUsageQuery,
    ) -> Result<ApiKeyKeyUsage, Error<ApiKeyUsageCode>> {
        let mut call = Call::get("/api-key/usage");
        call.query(query);
        self.connection.json(call).await
    }
}

/// The session token in the Authorization header.
#[derive(Clone, Copy, Debug)]
pub struct BearerApi<'a> {
    connection: &'a Connection,
}

impl BearerApi<'_> {
    /// Gives the session a short access token and a refresh token.
    ///
    /// `POST /token/pair`
    pub async fn pair_tokens(
        &self,
        body: Option<&BearerPairTokens>,
    ) -> Result<BearerTokenPair, Error<PairTokensCode>> {
        let mut call = Call::post("/token/pair");
        call.optional_body(body);
        self.connection.json(call).await
    }

    /// Redeems a refresh token for the next pair.
    ///
    /// `POST /token/refresh`
    pub async fn refresh_tokens(
        &self,
        body: &BearerRefreshTokens,
    ) -> Result<BearerTokenPair, Error<RefreshTokensCode>> {
        let mut call = Call::post("/token/refresh");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Sign-up and sign-in with e-mail and password, verification, reset.
#[derive(Clone, Copy, Debug)]
pub struct EmailPasswordApi<'a> {
    connection: &'a Connection,
}

impl EmailPasswordApi<'_> {
    /// Changes the password of the user who is signed in.
    ///
    /// `POST /change-password`
    pub async fn change_password(
        &self,
        body: &EmailPasswordChangePassword,
    ) -> Result<EmailPasswordChangedPassword, Error<ChangePasswordCode>> {
        let mut call = Call::post("/change-password");
        call.body(body);
        self.connection.json(call).await
    }

    /// Mails a link to set a new password.
    ///
    /// `POST /request-password-reset`
    pub async fn request_password_reset(
        &self,
        body: &EmailPasswordRequestReset,
    ) -> Result<EmailPasswordRequestedReset, Error<RequestPasswordResetCode>> {
        let mut call = Call::post("/request-password-reset");
        call.body(body);
        self.connection.json(call).await
    }

    /// Sets a new password with a mailed token.
    ///
    /// `POST /reset-password`
    pub async fn reset_password(
        &self,
        body: &EmailPasswordResetPassword,
        query: &ResetPasswordQuery,
    ) -> Result<EmailPasswordStatus, Error<ResetPasswordCode>> {
        let mut call = Call::post("/reset-password");
        call.body(body);
        call.query(query);
        self.connection.json(call).await
    }

    /// Leads from the mailed link to the page that asks for the new password.
    ///
    /// `GET /reset-password/{token}`
    pub async fn request_password_reset_callback(
        &self,
        token: &str,
        query: &RequestPasswordResetCallbackQuery,
    ) -> Result<Redirect, Error<RequestPasswordResetCallbackCode>> {
        let mut call = Call::get("/reset-password/");
        call.segment(token);
        call.query(query);
        self.connection.redirect(call).await
    }

    /// Mails a link that verifies an address.
    ///
    /// `POST /send-verification-email`
    pub async fn send_verification_email(
        &self,
        body: &EmailPasswordSendVerification,
    ) -> Result<EmailPasswordStatus, Error<SendVerificationEmailCode>> {
        let mut call = Call::post("/send-verification-email");
        call.body(body);
        self.connection.json(call).await
    }

    /// Signs in with e-mail and password.
    ///
    /// `POST /sign-in/email`
    pub async fn sign_in_email(
        &self,
        body: &EmailPasswordSignIn,
    ) -> Result<EmailPasswordSignedIn, Error<SignInEmailCode>> {
        let mut call = Call::post("/sign-in/email");
        call.body(body);
        self.connection.json(call).await
    }

    /// Makes an account and signs it in.
    ///
    /// `POST /sign-up/email`
    pub async fn sign_up_email(
        &self,
        body: &EmailPasswordSignUp,
    ) -> Result<EmailPasswordSignedUp, Error<SignUpEmailCode>> {
        let mut call = Call::post("/sign-up/email");
        call.body(body);
        self.connection.json(call).await
    }

    /// Redeems a mailed link.
    ///
    /// `GET /verify-email`
    pub async fn verify_email(
        &self,
        query: &VerifyEmailQuery,
    ) -> Result<JsonOrRedirect<EmailPasswordVerifiedEmail>, Error<VerifyEmailCode>> {
        let mut call = Call::get("/verify-email");
        call.query(query);
        self.connection.json_or_redirect(call).await
    }

    /// Asks for the password once more.
    ///
    /// `POST /verify-password`
    pub async fn verify_password(
        &self,
        body: &EmailPasswordVerifyPassword,
    ) -> Result<EmailPasswordStatus, Error<VerifyPasswordCode>> {
        let mut call = Call::post("/verify-password");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Tells a proxy who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct ForwardAuthApi<'a> {
    connection: &'a Connection,
}

impl ForwardAuthApi<'_> {
    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `GET /verify`
    pub async fn verify_get(&self) -> Result<(), Error<String>> {
        let call = Call::get("/verify");
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `HEAD /verify`
    pub async fn verify_head(&self) -> Result<(), Error<String>> {
        let call = Call::head("/verify");
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `GET /verify/{rest}`
    pub async fn verify_request_get(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::get("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `HEAD /verify/{rest}`
    pub async fn verify_request_head(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::head("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `POST /verify/{rest}`
    pub async fn verify_request_post(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::post("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `PUT /verify/{rest}`
    pub async fn verify_request_put(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::put("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `PATCH /verify/{rest}`
    pub async fn verify_request_patch(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::patch("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `DELETE /verify/{rest}`
    pub async fn verify_request_delete(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::delete("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }

    /// Whether a proxy may let a request through, and whose it is.
    ///
    /// `OPTIONS /verify/{rest}`
    pub async fn verify_request_options(&self, rest: &str) -> Result<(), Error<String>> {
        let mut call = Call::options("/verify/");
        call.segment(rest);
        self.connection.empty(call).await
    }
}

/// Operations of `host`.
#[derive(Clone, Copy, Debug)]
pub struct HostApi<'a> {
    connection: &'a Connection,
}

impl HostApi<'_> {
    /// Where browsers land after an error.
    ///
    /// `GET /error`
    pub async fn error(&self, query: &ErrorQuery) -> Result<TextOrRedirect, Error<ErrorCode>> {
        let mut call = Call::get("/error");
        call.query(query);
        self.connection.text_or_redirect(call).await
    }

    /// Whether the API answers.
    ///
    /// `GET /ok`
    pub async fn ok(&self) -> Result<Health, Error<String>> {
        let call = Call::get("/ok");
        self.connection.json(call).await
    }
}

/// Signed tokens for other services, and the keys to check them.
#[derive(Clone, Copy, Debug)]
pub struct JwtApi<'a> {
    connection: &'a Connection,
}

impl JwtApi<'_> {
    /// The keys that tokens are checked with.
    ///
    /// `GET /jwks`
    pub async fn get_jwks(&self) -> Result<JwtKeySet, Error<String>> {
        let call = Call::get("/jwks");
        self.connection.json(call).await
    }

    /// A signed token that says who is signed in.
    ///
    /// `GET /token`
    pub async fn get_token(&self) -> Result<JwtToken, Error<GetTokenCode>> {
        let call = Call::get("/token");
        self.connection.json(call).await
    }

    /// Takes a signed token back.
    ///
    /// `POST /token/revoke`
    pub async fn revoke_token(
        &self,
        body: &JwtRevokeToken,
    ) -> Result<JwtRevoked, Error<RevokeTokenCode>> {
        let mut call = Call::post("/token/revoke");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Several accounts in one browser.
#[derive(Clone, Copy, Debug)]
pub struct MultiSessionApi<'a> {
    connection: &'a Connection,
}

impl MultiSessionApi<'_> {
    /// The accounts that this browser is signed in with.
    ///
    /// `GET /multi-session/list-device-sessions`
    pub async fn list_device_sessions(
        &self,
    ) -> Result<Vec<MultiSessionDeviceSession>, Error<String>> {
        let call = Call::get("/multi-session/list-device-sessions");
        self.connection.json(call).await
    }

    /// Signs one account of this browser out.
    ///
    /// `POST /multi-session/revoke`
    pub async fn revoke(
        &self,
        body: &MultiSessionNamedSession,
    ) -> Result<MultiSessionRevoked, Error<RevokeDeviceSessionCode>> {
        let mut call = Call::post("/multi-session/revoke");
        call.body(body);
        self.connection.json(call).await
    }

    /// Goes over to another account of this browser.
    ///
    /// `POST /multi-session/set-active`
    pub async fn set_active(
        &self,
        body: &MultiSessionNamedSession,
    ) -> Result<MultiSessionDeviceSession, Error<SetActiveSessionCode>> {
        let mut call = Call::post("/multi-session/set-active");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Organizations with members, roles, invitations and teams.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationApi<'a> {
    connection: &'a Connection,
}

impl OrganizationApi<'_> {
    /// Joins by an invitation.
    ///
    /// `POST /organization/accept-invitation`
    pub async fn accept_invitation(
        &self,
        body: &OrganizationAccept,
    ) -> Result<OrganizationAccepted, Error<AcceptInvitationCode>> {
        let mut call = Call::post("/organization/accept-invitation");
        call.body(body);
        self.connection.json(call).await
    }

    /// Takes an invitation back.
    ///
    /// `POST /organization/cancel-invitation`
    pub async fn cancel_invitation(
        &self,
        body: &OrganizationCancel,
    ) -> Result<OrganizationInvitation, Error<CancelInvitationCode>> {
        let mut call = Call::post("/organization/cancel-invitation");
        call.body(body);
        self.connection.json(call).await
    }

    /// Whether a slug is free.
    ///
    /// `POST /organization/check-slug`
    pub async fn check_slug(
        &self,
        body: &OrganizationCheckSlug,
    ) -> Result<OrganizationFree, Error<CheckOrganizationSlugCode>> {
        let mut call = Call::post("/organization/check-slug");
        call.body(body);
        self.connection.json(call).await
    }

    /// Makes an organization.
    ///
    /// `POST /organization/create`
    pub async fn create(
        &self,
        body: &OrganizationCreate,
    ) -> Result<OrganizationCreated, Error<CreateOrganizationCode>> {
        let mut call = Call::post("/organization/create");
        call.body(body);
        self.connection.json(call).await
    }

    /// Deletes an organization.
    ///
    /// `POST /organization/delete`
    pub async fn delete(
        &self,
        body: &OrganizationDelete,
    ) -> Result<Organization, Error<DeleteOrganizationCode>> {
        let mut call = Call::post("/organization/delete");
        call.body(body);
        self.connection.json(call).await
    }

    /// The user in the active organization.
    ///
    /// `GET /organization/get-active-member`
    pub async fn get_active_member(
        &self,
    ) -> Result<OrganizationMember, Error<GetActiveMemberCode>> {
        let call = Call::get("/organization/get-active-member");
        self.connection.json(call).await
    }

    /// The roles of a member.
    ///
    /// `GET /organization/get-active-member-role`
    pub async fn get_active_member_role(
        &self,
        query: &GetActiveMemberRoleQuery,
    ) -> Result<OrganizationMemberRole, Error<GetActiveMemberRoleCode>> {
        let mut call = Call::get("/organization/get-active-member-role");
        call.query(query);
        self.connection.json(call).await
    }

    /// An organization with what is in it.
    ///
    /// `GET /organization/get-full-organization`
    pub async fn get_full_organization(
        &self,
        query: &GetFullOrganizationQuery,
    ) -> Result<Option<OrganizationFull>, Error<GetFullOrganizationCode>> {
        let mut call = Call::get("/organization/get-full-organization");
        call.query(query);
        self.connection.json(call).await
    }

    /// An invitation.
    ///
    /// `GET /organization/get-invitation`
    pub async fn get_invitation(
        &self,
        query: &GetInvitationQuery,
    ) -> Result<OrganizationShown, Error<GetInvitationCode>> {
        let mut call = Call::get("/organization/get-invitation");
        call.query(query);
        self.connection.json(call).await
    }

    /// An organization.
    ///
    /// `GET /organization/get-organization`
    pub async fn get_organization(
        &self,
        query: &GetOrganizationQuery,
    ) -> Result<Option<Organization>, Error<GetOrganizationCode>> {
        let mut call = Call::get("/organization/get-organization");
        call.query(query);
        self.connection.json(call).await
    }

    /// Whether the user may do something.
    ///
    /// `POST /organization/has-permission`
    pub async fn has_permission(
        &self,
        body: &OrganizationHasPermission,
    ) -> Result<OrganizationAnswer, Error<HasPermissionCode>> {
        let mut call = Call::post("/organization/has-permission");
        call.body(body);
        self.connection.json(call).await
    }

    /// Whether the user may do each of several things.
    ///
    /// `POST /organization/has-permissions`
    pub async fn has_permissions(
        &self,
        body: &OrganizationHasPermissions,
    ) -> Result<OrganizationAnswers, Error<HasPermissionsCode>> {
        let mut call = Call::post("/organization/has-permissions");
        call.body(body);
        self.connection.json(call).await
    }

    /// Invites an address.
    ///
    /// `POST /organization/invite-member`
    pub async fn invite_member(
        &self,
        body: &OrganizationInvite,
    ) -> Result<OrganizationInvitation, Error<CreateInvitationCode>> {
        let mut call = Call::post("/organization/invite-member");
        call.body(body);
        self.connection.json(call).await
    }

    /// Leaves an organization.
    ///
    /// `POST /organization/leave`
    pub async fn leave(
        &self,
        body: &OrganizationLeave,
    ) -> Result<OrganizationMember, Error<LeaveOrganizationCode>> {
        let mut call = Call::post("/organization/leave");
        call.body(body);
        self.connection.json(call).await
    }

    /// The organizations that the user is a member of.
    ///
    /// `GET /organization/list`
    pub async fn list(&self) -> Result<Vec<Organization>, Error<ListOrganizationsCode>> {
        let call = Call::get("/organization/list");
        self.connection.json(call).await
    }

    /// The invitations of an organization.
    ///
    /// `GET /organization/list-invitations`
    pub async fn list_invitations(
        &self,
        query: &ListInvitationsQuery,
    ) -> Result<Vec<OrganizationInvitation>, Error<ListInvitationsCode>> {
        let mut call = Call::get("/organization/list-invitations");
        call.query(query);
        self.connection.json(call).await
    }

    /// Members, in pages.
    ///
    /// `GET /organization/list-members`
    pub async fn list_members(
        &self,
        query: &ListMembersQuery,
    ) -> Result<OrganizationMembers, Error<ListMembersCode>> {
        let mut call = Call::get("/organization/list-members");
        call.query(query);
        self.connection.json(call).await
    }

    /// The invitations of the user.
    ///
    /// `GET /organization/list-user-invitations`
    pub async fn list_user_invitations(
        &self,
        query: &ListUserInvitationsQuery,
    ) -> Result<Vec<OrganizationWaiting>, Error<ListUserInvitationsCode>> {
        let mut call = Call::get("/organization/list-user-invitations");
        call.query(query);
        self.connection.json(call).await
    }

    /// Rejects an invitation.
    ///
    /// `POST /organization/reject-invitation`
    pub async fn reject_invitation(
        &self,
        body: &OrganizationReject,
    ) -> Result<OrganizationRejected, Error<RejectInvitationCode>> {
        let mut call = Call::post("/organization/reject-invitation");
        call.body(body);
        self.connection.json(call).await
    }

    /// Takes somebody out of an organization.
    ///
    /// `POST /organization/remove-member`
    pub async fn remove_member(
        &self,
        body: &OrganizationRemove,
    ) -> Result<OrganizationRemoved, Error<RemoveMemberCode>> {
        let mut call = Call::post("/organization/remove-member");
        call.body(body);
        self.connection.json(call).await
    }

    /// Which organization the session works in.
    ///
    /// `POST /organization/set-active`
    pub async fn set_active(
        &self,
        body: &OrganizationSetActive,
    ) -> Result<Option<Organization>, Error<SetActiveOrganizationCode>> {
        let mut call = Call::post("/organization/set-active");
        call.body(body);
        self.connection.json(call).await
    }

    /// Makes another member the owner.
    ///
    /// `POST /organization/transfer-ownership`
    pub async fn transfer_ownership(
        &self,
        body: &OrganizationTransfer,
    ) -> Result<OrganizationTransferred, Error<TransferOwnershipCode>> {
        let mut call = Call::post("/organization/transfer-ownership");
        call.body(body);
        self.connection.json(call).await
    }

    /// Changes an organization.
    ///
    /// `POST /organization/update`
    pub async fn update(
        &self,
        body: &OrganizationUpdate,
    ) -> Result<Organization, Error<UpdateOrganizationCode>> {
        let mut call = Call::post("/organization/update");
        call.body(body);
        self.connection.json(call).await
    }

    /// Gives a member other roles.
    ///
    /// `POST /organization/update-member-role`
    pub async fn update_member_role(
        &self,
        body: &OrganizationUpdateRole,
    ) -> Result<OrganizationMember, Error<UpdateMemberRoleCode>> {
        let mut call = Call::post("/organization/update-member-role");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Sockets that end with what lets their users in.
#[derive(Clone, Copy, Debug)]
pub struct RealtimeApi<'a> {
    connection: &'a Connection,
}

impl RealtimeApi<'_> {
    /// A ticket that opens one socket.
    ///
    /// `POST /realtime/ticket`
    pub async fn ticket(&self) -> Result<RealtimeTicket, Error<RealtimeTicketCode>> {
        let call = Call::post("/realtime/ticket");
        self.connection.json(call).await
    }
}

/// Session cookies, cookie cache, refresh, list and revoke.
#[derive(Clone, Copy, Debug)]
pub struct SessionApi<'a> {
    connection: &'a Connection,
}

impl SessionApi<'_> {
    /// Where the user is signed in, without tokens.
    ///
    /// `GET /devices`
    pub async fn list_devices(&self) -> Result<Vec<SessionDevice>, Error<ListDevicesCode>> {
        let call = Call::get("/devices");
        self.connection.json(call).await
    }

    /// Who is signed in.
    ///
    /// `GET /get-session`
    pub async fn get_session(
        &self,
        query: &GetSessionQuery,
    ) -> Result<Option<SessionView>, Error<GetSessionCode>> {
        let mut call = Call::get("/get-session");
        call.query(query);
        self.connection.json(call).await
    }

    /// Refreshes the session where refreshing is deferred.
    ///
    /// `POST /get-session`
    pub async fn refresh_session(&self) -> Result<Option<SessionView>, Error<RefreshSessionCode>> {
        let call = Call::post("/get-session");
        self.connection.json(call).await
    }

    /// The devices on which the user is signed in.
    ///
    /// `GET /list-sessions`
    pub async fn list_sessions(&self) -> Result<Vec<Session>, Error<ListSessionsCode>> {
        let call = Call::get("/list-sessions");
        self.connection.json(call).await
    }

    /// Signs every other device out.
    ///
    /// `POST /revoke-other-sessions`
    pub async fn revoke_other_sessions(
        &self,
    ) -> Result<SessionStatus, Error<RevokeOtherSessionsCode>> {
        let call = Call::post("/revoke-other-sessions");
        self.connection.json(call).await
    }

    /// Signs one device out.
    ///
    /// `POST /revoke-session`
    pub async fn revoke_session(
        &self,
        body: &RevokeSession,
    ) -> Result<SessionStatus, Error<RevokeSessionCode>> {
        let mut call = Call::post("/revoke-session");
        call.body(body);
        self.connection.json(call).await
    }

    /// Signs every device out, this one too.
    ///
    /// `POST /revoke-sessions`
    pub async fn revoke_sessions(&self) -> Result<SessionStatus, Error<RevokeSessionsCode>> {
        let call = Call::post("/revoke-sessions");
        self.connection.json(call).await
    }

    /// Ends the session.
    ///
    /// `POST /sign-out`
    pub async fn sign_out(
        &self,
        body: Option<&SessionSignOut>,
    ) -> Result<SessionSignedOut, Error<SignOutCode>> {
        let mut call = Call::post("/sign-out");
        call.optional_body(body);
        self.connection.json(call).await
    }

    /// Changes declared fields of the session.
    ///
    /// `POST /update-session`
    pub async fn update_session(
        &self,
        body: &Map<Json>,
    ) -> Result<UpdatedSession, Error<UpdateSessionCode>> {
        let mut call = Call::post("/update-session");
        call.body(body);
        self.connection.json(call).await
    }
}

/// A second proof at sign-in: authenticator apps, codes by mail, backup codes, trusted devices.
#[derive(Clone, Copy, Debug)]
pub struct TwoFactorApi<'a> {
    connection: &'a Connection,
}

impl TwoFactorApi<'_> {
    /// Devices that are not asked for a second factor.
    ///
    /// `GET /two-factor/devices`
    pub async fn devices(&self) -> Result<TwoFactorTrustedDevices, Error<ListTrustedDevicesCode>> {
        let call = Call::get("/two-factor/devices");
        self.connection.json(call).await
    }

    /// Trusts a device no more.
    ///
    /// `POST /two-factor/devices/revoke`
    pub async fn devices_revoke(
        &self,
        body: &TwoFactorForgetDevice,
    ) -> Result<TwoFactorStatus, Error<RevokeTrustedDeviceCode>> {
        let mut call = Call::post("/two-factor/devices/revoke");
        call.body(body);
        self.connection.json(call).await
    }

    /// Trusts no device any more.
    ///
    /// `POST /two-factor/devices/revoke-all`
    pub async fn devices_revoke_all(
        &self,
    ) -> Result<TwoFactorStatus, Error<RevokeTrustedDevicesCode>> {
        let call = Call::post("/two-factor/devices/revoke-all");
        self.connection.json(call).await
    }

    /// Takes the second factor away.
    ///
    /// `POST /two-factor/disable`
    pub async fn disable(
        &self,
        body: &TwoFactorDisable,
    ) -> Result<TwoFactorStatus, Error<DisableTwoFactorCode>> {
        let mut call = Call::post("/two-factor/disable");
        call.body(body);
        self.connection.json(call).await
    }

    /// Sets a second factor up.
    ///
    /// `POST /two-factor/enable`
    pub async fn enable(
        &self,
        body: &TwoFactorEnable,
    ) -> Result<TwoFactorEnabling, Error<EnableTwoFactorCode>> {
        let mut call = Call::post("/two-factor/enable");
        call.body(body);
        self.connection.json(call).await
    }

    /// Makes new backup codes.
    ///
    /// `POST /two-factor/generate-backup-codes`
    pub async fn generate_backup_codes(
        &self,
        body: &TwoFactorGenerateBackupCodes,
    ) -> Result<TwoFactorBackupCodes, Error<GenerateBackupCodesCode>> {
        let mut call = Call::post("/two-factor/generate-backup-codes");
        call.body(body);
        self.connection.json(call).await
    }

    /// The address for authenticator apps.
    ///
    /// `POST /two-factor/get-totp-uri`
    pub async fn get_totp_uri(
        &self,
        body: &TwoFactorGetTotpUri,
    ) -> Result<TwoFactorTotpUri, Error<GetTotpuriCode>> {
        let mut call = Call::post("/two-factor/get-totp-uri");
        call.body(body);
        self.connection.json(call).await
    }

    /// The address for authenticator apps, as a QR code.
    ///
    /// `POST /two-factor/qr`
    pub async fn qr(&self, body: &TwoFactorTotpQr) -> Result<Bytes, Error<GetTotpqrCodeCode>> {
        let mut call = Call::post("/two-factor/qr");
        call.body(body);
        self.connection.bytes(call).await
    }

    /// Sends a code by mail, or by text to a verified number.
    ///
    /// `POST /two-factor/send-otp`
    pub async fn send_otp(
        &self,
        body: Option<&TwoFactorSendOtp>,
    ) -> Result<TwoFactorStatus, Error<SendTwoFactorOtpCode>> {
        let mut call = Call::post("/two-factor/send-otp");
        call.optional_body(body);
        self.connection.json(call).await
    }

    /// Verifies a backup code, which is good once.
    ///
    /// `POST /two-factor/verify-backup-code`
    pub async fn verify_backup_code(
        &self,
        body: &TwoFactorVerifyBackupCode,
    ) -> Result<TwoFactorVerified, Error<VerifyBackupCodeCode>> {
        let mut call = Call::post("/two-factor/verify-backup-code");
        call.body(body);
        self.connection.json(call).await
    }

    /// Verifies a code that was sent.
    ///
    /// `POST /two-factor/verify-otp`
    pub async fn verify_otp(
        &self,
        body: &TwoFactorVerifyOtp,
    ) -> Result<TwoFactorVerified, Error<VerifyTwoFactorOtpCode>> {
        let mut call = Call::post("/two-factor/verify-otp");
        call.body(body);
        self.connection.json(call).await
    }

    /// Verifies a code of an authenticator app.
    ///
    /// `POST /two-factor/verify-totp`
    pub async fn verify_totp(
        &self,
        body: &TwoFactorVerifyTotp,
    ) -> Result<TwoFactorVerified, Error<VerifyTotpCode>> {
        let mut call = Call::post("/two-factor/verify-totp");
        call.body(body);
        self.connection.json(call).await
    }
}

/// Why `POST /organization/accept-invitation` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum AcceptInvitationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invitation not found.
    #[serde(rename = "INVITATION_NOT_FOUND")]
    InvitationNotFound,
    /// 400: User is already a member of this organization.
    #[serde(rename = "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION")]
    UserIsAlreadyAMemberOfThisOrganization,
    /// 400: Role not found.
    #[serde(rename = "ROLE_NOT_FOUND")]
    RoleNotFound,
    /// 400: Team not found.
    #[serde(rename = "TEAM_NOT_FOUND")]
    TeamNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: You are not the recipient of the invitation.
    #[serde(rename = "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")]
    YouAreNotTheRecipientOfTheInvitation,
    /// 403: Email verification required before accepting or rejecting invitation.
    #[serde(rename = "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION")]
    EmailVerificationRequiredBeforeAcceptingOrRejectingInvitation,
    /// 403: Organization membership limit reached.
    #[serde(rename = "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED")]
    OrganizationMembershipLimitReached,
    /// 403: Team member limit reached.
    #[serde(rename = "TEAM_MEMBER_LIMIT_REACHED")]
    TeamMemberLimitReached,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountAccessToken {
    pub access_token: String,
    pub access_token_expires_at: Option<String>,
    pub scopes: Vec<String>,
    pub id_token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountChangeEmail {
    pub new_email: String,
    /// Where the mailed link leads.
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountCookieSelection {
    pub use_account_cookie: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountDeleteUser {
    /// Where the mailed link leads.
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// A mailed token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountDeletedUser {
    pub success: bool,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountInfo {
    /// The profile, in our words.
    pub user: Map<Json>,
    /// The profile, in the provider's words.
    pub data: Map<Json>,
}

/// Why `GET /account-info` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum AccountInfoCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Account not found.
    #[serde(rename = "ACCOUNT_NOT_FOUND")]
    AccountNotFound,
    /// 400: Provider is not configured.
    #[serde(rename = "PROVIDER_NOT_CONFIGURED")]
    ProviderNotConfigured,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountRefreshedTokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub access_token_expires_at: Option<String>,
    pub refresh_token_expires_at: Option<String>,
    pub scope: Option<String>,
    pub id_token: Option<String>,
    pub provider_id: String,
    pub account_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountRowSelection {
    pub account_id: String,
    /// For calls in process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// Which linked account is meant: its row id. One that is kept in a cookie does not exist here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(untagged)]
pub enum AccountSelection {
    AccountRowSelection(AccountRowSelection),
    AccountCookieSelection(AccountCookieSelection),
    /// Something that this client does not know.
    Other(Json),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountSocial {
    /// The id of a provider: one that is built in, or one of the configuration.
    pub provider: String,
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    #[serde(rename = "newUserCallbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_user_callback_url: Option<String>,
    #[serde(rename = "errorCallbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_callback_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_redirect: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_sign_up: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_data: Option<Map<Json>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountSocialRedirect {
    pub url: String,
    pub redirect: bool,
}

/// `{status: true}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountStatus {
    pub status: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountUnlink {
    /// The row id, from the list.
    pub account_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// The row.
    pub id: String,
    pub provider_id: String,
    /// The subject at the provider.
    pub account_id: String,
    pub user_id: String,
    pub scopes: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ApiKeyDirection {
    #[serde(rename = "asc")]
    Asc,
    #[serde(rename = "desc")]
    Desc,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Uses in a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyKeyUsage {
    /// Of all lines.
    pub uses: i64,
    /// Uses that were refused: the key was disabled, expired, used up or not good for it.
    pub refused: i64,
    /// The newest day first.
    pub lines: Vec<ApiKeyUsageLine>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyReportLeak {
    /// The key itself.
    pub key: String,
}

/// `{success: true}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeySuccess {
    pub success: bool,
}

/// Why `GET /api-key/usage` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ApiKeyUsageCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: API Key not found.
    #[serde(rename = "KEY_NOT_FOUND")]
    KeyNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Uses on a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyUsageLine {
    /// In UTC.
    pub day: String,
    /// The endpoint's id; `application` for routes of an application around the server.
    pub endpoint: String,
    pub uses: i64,
    pub refused: i64,
}

/// The query of `GET /api-key/usage`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyUsageQuery {
    /// The kind of key, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    pub id: String,
    /// The first day, such as `2026-01-31`, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyView {
    pub id: String,
    pub config_id: String,
    pub name: Option<String>,
    /// The first letters of the key, the prefix included.
    pub start: Option<String>,
    /// The user that the key belongs to.
    pub reference_id: String,
    pub prefix: Option<String>,
    /// Milliseconds after which `remaining` becomes `refillAmount` again.
    pub refill_interval: Option<i64>,
    pub refill_amount: Option<i64>,
    pub last_refill_at: Option<String>,
    pub enabled: Option<bool>,
    pub rate_limit_enabled: Option<bool>,
    /// Milliseconds.
    pub rate_limit_time_window: Option<i64>,
    /// Uses in the window.
    pub rate_limit_max: Option<i64>,
    /// Uses in the present window.
    pub request_count: Option<i64>,
    /// Uses that are left; null for any number.
    pub remaining: Option<i64>,
    pub last_request: Option<String>,
    pub expires_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    /// What the key may do; null for nothing.
    pub permissions: Option<Permissions>,
    pub metadata: Json,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ApiKeys {
    pub api_keys: Vec<ApiKeyView>,
    /// On all pages.
    pub total: i64,
    /// As it was asked for.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Option<i64>>,
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<Option<i64>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct BearerPairTokens {
    /// The kind of client, as the configuration names it. `default` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct BearerRefreshTokens {
    pub refresh_token: String,
}

/// Tokens of a paired session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct BearerTokenPair {
    /// The access token, signed: for `Authorization: Bearer`.
    pub token: String,
    /// `Bearer`.
    pub token_type: String,
    /// When the access token ends.
    pub expires_at: String,
    /// Seconds until then.
    pub expires_in: i64,
    /// For `POST /token/refresh`, once.
    pub refresh_token: String,
    /// When the session ends, unless it is refreshed before.
    pub refresh_expires_at: String,
    /// Whose policy the tokens follow.
    pub client: String,
}

/// Why `GET /callback/{id}` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum CallbackOAuthCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /callback/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct CallbackOAuthQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(rename = "error_description")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
}

/// Why `POST /organization/cancel-invitation` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum CancelInvitationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invitation not found.
    #[serde(rename = "INVITATION_NOT_FOUND")]
    InvitationNotFound,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not allowed to cancel this invitation.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION")]
    YouAreNotAllowedToCancelThisInvitation,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /change-email` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ChangeEmailCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Change email is disabled.
    #[serde(rename = "CHANGE_EMAIL_DISABLED")]
    ChangeEmailDisabled,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /change-password` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ChangePasswordCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Password too short.
    #[serde(rename = "PASSWORD_TOO_SHORT")]
    PasswordTooShort,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 400: Password breaks a rule.
    #[serde(rename = "PASSWORD_TOO_WEAK")]
    PasswordTooWeak,
    /// 400: Credential account not found.
    #[serde(rename = "CREDENTIAL_ACCOUNT_NOT_FOUND")]
    CredentialAccountNotFound,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/check-slug` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum CheckOrganizationSlugCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization slug already taken.
    #[serde(rename = "ORGANIZATION_SLUG_ALREADY_TAKEN")]
    OrganizationSlugAlreadyTaken,
    /// 400: A slug has lower-case letters, digits and single hyphens, at most 63.
    #[serde(rename = "INVALID_SLUG")]
    InvalidSlug,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct CreateApiKey {
    /// The kind of key, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Seconds.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// An object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
    /// Uses until the key is used up. From the program only, as all that follows.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refill_amount: Option<f64>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refill_interval: Option<f64>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_time_window: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
    /// Whose key it is to be, for the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Whose key it is to be, for kinds of keys that organizations own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

/// Why `POST /api-key/create` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum CreateApiKeyCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: The property you're trying to set can only be set from the server auth instance only.
    #[serde(rename = "SERVER_ONLY_PROPERTY")]
    ServerOnlyProperty,
    /// 400: The name length is either too large or too small.
    #[serde(rename = "INVALID_NAME_LENGTH")]
    InvalidNameLength,
    /// 400: metadata must be an object or undefined.
    #[serde(rename = "INVALID_METADATA_TYPE")]
    InvalidMetadataType,
    /// 400: Metadata is too large.
    #[serde(rename = "METADATA_TOO_LARGE")]
    MetadataTooLarge,
    /// 400: refillAmount is required when refillInterval is provided.
    #[serde(rename = "REFILL_AMOUNT_AND_INTERVAL_REQUIRED")]
    RefillAmountAndIntervalRequired,
    /// 400: refillInterval is required when refillAmount is provided.
    #[serde(rename = "REFILL_INTERVAL_AND_AMOUNT_REQUIRED")]
    RefillIntervalAndAmountRequired,
    /// 400: Custom key expiration values are disabled.
    #[serde(rename = "KEY_DISABLED_EXPIRATION")]
    KeyDisabledExpiration,
    /// 400: The expiresIn is smaller than the predefined minimum value.
    #[serde(rename = "EXPIRES_IN_IS_TOO_SMALL")]
    ExpiresInIsTooSmall,
    /// 400: The expiresIn is larger than the predefined maximum value.
    #[serde(rename = "EXPIRES_IN_IS_TOO_LARGE")]
    ExpiresInIsTooLarge,
    /// 400: Metadata is disabled.
    #[serde(rename = "METADATA_DISABLED")]
    MetadataDisabled,
    /// 400: The prefix length is either too large or too small.
    #[serde(rename = "INVALID_PREFIX_LENGTH")]
    InvalidPrefixLength,
    /// 400: API Key name is required.
    #[serde(rename = "NAME_REQUIRED")]
    NameRequired,
    /// 400: Organization ID is required for organization-owned API keys.
    #[serde(rename = "ORGANIZATION_ID_REQUIRED")]
    OrganizationIdRequired,
    /// 401: Unauthorized or invalid session.
    #[serde(rename = "UNAUTHORIZED_SESSION")]
    UnauthorizedSession,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: User not found.
    #[serde(rename = "USER_NOT_FOUND")]
    UserNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/invite-member` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum CreateInvitationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 400: Invalid email.
    #[serde(rename = "INVALID_EMAIL")]
    InvalidEmail,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 400: Role not found.
    #[serde(rename = "ROLE_NOT_FOUND")]
    RoleNotFound,
    /// 400: User is already a member of this organization.
    #[serde(rename = "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION")]
    UserIsAlreadyAMemberOfThisOrganization,
    /// 400: User is already invited to this organization.
    #[serde(rename = "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION")]
    UserIsAlreadyInvitedToThisOrganization,
    /// 400: Team id contains a reserved character.
    #[serde(rename = "INVALID_TEAM_ID")]
    InvalidTeamId,
    /// 400: Team not found.
    #[serde(rename = "TEAM_NOT_FOUND")]
    TeamNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not allowed to invite users to this organization.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION")]
    YouAreNotAllowedToInviteUsersToThisOrganization,
    /// 403: You are not allowed to invite a user with this role.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")]
    YouAreNotAllowedToInviteUserWithThisRole,
    /// 403: Invitation limit reached.
    #[serde(rename = "INVITATION_LIMIT_REACHED")]
    InvitationLimitReached,
    /// 403: Team member limit reached.
    #[serde(rename = "TEAM_MEMBER_LIMIT_REACHED")]
    TeamMemberLimitReached,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/create` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum CreateOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization already exists.
    #[serde(rename = "ORGANIZATION_ALREADY_EXISTS")]
    OrganizationAlreadyExists,
    /// 400: A slug has lower-case letters, digits and single hyphens, at most 63.
    #[serde(rename = "INVALID_SLUG")]
    InvalidSlug,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: You are not allowed to create a new organization.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION")]
    YouAreNotAllowedToCreateANewOrganization,
    /// 403: You have reached the maximum number of organizations.
    #[serde(rename = "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS")]
    YouHaveReachedTheMaximumNumberOfOrganizations,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// A key and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct CreatedApiKey {
    /// The key itself. It cannot be shown again.
    pub key: String,
    pub id: String,
    pub config_id: String,
    pub name: Option<String>,
    /// The first letters of the key, the prefix included.
    pub start: Option<String>,
    /// The user that the key belongs to.
    pub reference_id: String,
    pub prefix: Option<String>,
    /// Milliseconds after which `remaining` becomes `refillAmount` again.
    pub refill_interval: Option<i64>,
    pub refill_amount: Option<i64>,
    pub last_refill_at: Option<String>,
    pub enabled: Option<bool>,
    pub rate_limit_enabled: Option<bool>,
    /// Milliseconds.
    pub rate_limit_time_window: Option<i64>,
    /// Uses in the window.
    pub rate_limit_max: Option<i64>,
    /// Uses in the present window.
    pub request_count: Option<i64>,
    /// Uses that are left; null for any number.
    pub remaining: Option<i64>,
    pub last_request: Option<String>,
    pub expires_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    /// What the key may do; null for nothing.
    pub permissions: Option<Permissions>,
    pub metadata: Json,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct DeleteApiKey {
    /// The kind of key, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    pub key_id: String,
}

/// Why `POST /api-key/delete` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum DeleteApiKeyCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 401: User is banned.
    #[serde(rename = "USER_BANNED")]
    UserBanned,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: API Key not found.
    #[serde(rename = "KEY_NOT_FOUND")]
    KeyNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/delete` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum DeleteOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 400: User is not a member of the organization.
    #[serde(rename = "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")]
    UserIsNotAMemberOfTheOrganization,
    /// 403: You are not allowed to delete this organization.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION")]
    YouAreNotAllowedToDeleteThisOrganization,
    /// 404: Organization deletion is disabled.
    #[serde(rename = "ORGANIZATION_DELETION_DISABLED")]
    OrganizationDeletionDisabled,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /delete-user/callback` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum DeleteUserCallbackCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: Invalid callbackURL.
    #[serde(rename = "INVALID_CALLBACK_URL")]
    InvalidCallbackUrl,
    /// 404: Not found.
    #[serde(rename = "NOT_FOUND")]
    NotFound,
    /// 404: Failed to get user info.
    #[serde(rename = "FAILED_TO_GET_USER_INFO")]
    FailedToGetUserInfo,
    /// 404: Invalid token.
    #[serde(rename = "INVALID_TOKEN")]
    InvalidToken,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /delete-user/callback`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct DeleteUserCallbackQuery {
    pub token: String,
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

/// Why `POST /delete-user` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum DeleteUserCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Credential account not found.
    #[serde(rename = "CREDENTIAL_ACCOUNT_NOT_FOUND")]
    CredentialAccountNotFound,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 400: Session expired. Re-authenticate to perform this action.
    #[serde(rename = "SESSION_EXPIRED")]
    SessionExpired,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: Invalid token.
    #[serde(rename = "INVALID_TOKEN")]
    InvalidToken,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/disable` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum DisableTwoFactorCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: Session is not fresh.
    #[serde(rename = "SESSION_NOT_FRESH")]
    SessionNotFresh,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordChangePassword {
    pub new_password: String,
    pub current_password: String,
    /// Ends every session, and begins a new one here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_other_sessions: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordChangedPassword {
    /// The new session's token, where sessions were ended.
    pub token: Option<String>,
    pub user: User,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordRequestReset {
    pub email: String,
    /// The page that asks for the new password; it gets `?token=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_to: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordRequestedReset {
    pub status: bool,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordResetPassword {
    pub new_password: String,
    /// The mailed token, here or in the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordSendVerification {
    pub email: String,
    /// Where the link leads.
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordSignIn {
    pub email: String,
    pub password: String,
    /// Where the client goes afterwards. It is echoed and set as `Location`.
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// `false`: the session ends with the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remember_me: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordSignUp {
    pub name: String,
    pub email: String,
    pub password: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Where a verification link leads.
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// `false`: the session ends with the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remember_me: Option<bool>,
    /// Further values.
    #[serde(flatten)]
    pub further: Map<Json>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordSignedIn {
    pub redirect: bool,
    pub token: String,
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Option<String>>,
    pub user: User,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordSignedUp {
    /// The session's token; null where signing up does not sign in.
    pub token: Option<String>,
    pub user: User,
}

/// `{status: true}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordStatus {
    pub status: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordVerifiedEmail {
    pub status: bool,
    /// The user, when a change of address is complete.
    pub user: Option<User>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct EmailPasswordVerifyPassword {
    pub password: String,
}

/// Why `POST /two-factor/enable` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum EnableTwoFactorCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: OTP is not available.
    #[serde(rename = "OTP_NOT_CONFIGURED")]
    OtpNotConfigured,
    /// 400: TOTP is already enabled.
    #[serde(rename = "TOTP_ALREADY_ENABLED")]
    TotpAlreadyEnabled,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Session is not fresh.
    #[serde(rename = "SESSION_NOT_FRESH")]
    SessionNotFresh,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /error` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ErrorCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /error`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ErrorQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(rename = "error_description")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

/// Why `POST /two-factor/generate-backup-codes` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GenerateBackupCodesCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Two factor isn't enabled.
    #[serde(rename = "TWO_FACTOR_NOT_ENABLED")]
    TwoFactorNotEnabled,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /get-access-token` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetAccessTokenCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Account not found.
    #[serde(rename = "ACCOUNT_NOT_FOUND")]
    AccountNotFound,
    /// 400: Provider is not supported.
    #[serde(rename = "PROVIDER_NOT_SUPPORTED")]
    ProviderNotSupported,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /organization/get-active-member` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetActiveMemberCode {
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /organization/get-active-member-role` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetActiveMemberRoleCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not a member of this organization.
    #[serde(rename = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")]
    YouAreNotAMemberOfThisOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/get-active-member-role`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct GetActiveMemberRoleQuery {
    /// The caller where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
}

/// Why `GET /api-key/get` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetApiKeyCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: API Key not found.
    #[serde(rename = "KEY_NOT_FOUND")]
    KeyNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /api-key/get`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct GetApiKeyQuery {
    /// The kind of key, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    pub id: String,
}

/// Why `GET /organization/get-full-organization` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetFullOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: User is not a member of the organization.
    #[serde(rename = "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")]
    UserIsNotAMemberOfTheOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/get-full-organization`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct GetFullOrganizationQuery {
    /// The active one where neither is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
    /// How many members are part of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_limit: Option<String>,
}

/// Why `GET /organization/get-invitation` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetInvitationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 400: Inviter is no longer a member of the organization.
    #[serde(rename = "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")]
    InviterIsNoLongerAMemberOfTheOrganization,
    /// 403: You are not the recipient of the invitation.
    #[serde(rename = "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")]
    YouAreNotTheRecipientOfTheInvitation,
    /// 403: Email verification required to view or list invitations for the session email.
    #[serde(rename = "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION")]
    EmailVerificationRequiredForInvitation,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/get-invitation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct GetInvitationQuery {
    pub id: String,
}

/// Why `GET /organization/get-organization` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: User is not a member of the organization.
    #[serde(rename = "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")]
    UserIsNotAMemberOfTheOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/get-organization`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct GetOrganizationQuery {
    /// The active one where neither is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
}

/// Why `GET /get-session` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetSessionCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /get-session`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct GetSessionQuery {
    /// Asks the store and not the cookie cache. Any text counts as yes.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_cookie_cache: bool,
    /// Leaves the session's expiry as it is. Any text counts as yes.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_refresh: bool,
}

/// Why `GET /token` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetTokenCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/qr` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetTotpqrCodeCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: TOTP not enabled.
    #[serde(rename = "TOTP_NOT_ENABLED")]
    TotpNotEnabled,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/get-totp-uri` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum GetTotpuriCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: TOTP not enabled.
    #[serde(rename = "TOTP_NOT_ENABLED")]
    TotpNotEnabled,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/has-permission` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum HasPermissionCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 401: User is not a member of the organization.
    #[serde(rename = "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")]
    UserIsNotAMemberOfTheOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/has-permissions` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum HasPermissionsCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct Health {
    pub ok: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct JwtKeySet {
    /// JSON Web Keys, the newest first.
    pub keys: Vec<Map<Json>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct JwtRevokeToken {
    /// A JWT of this server.
    pub token: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct JwtRevoked {
    pub success: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct JwtToken {
    /// A JWT.
    pub token: String,
}

/// Why `POST /organization/leave` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum LeaveOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 400: You cannot leave the organization as the only owner.
    #[serde(rename = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")]
    YouCannotLeaveTheOrganizationAsTheOnlyOwner,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /link-social` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum LinkSocialAccountCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: Provider not found.
    #[serde(rename = "PROVIDER_NOT_FOUND")]
    ProviderNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /api-key/list` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListApiKeysCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /api-key/list`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ListApiKeysQuery {
    /// Keys of this kind only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    /// Keys of this organization and not the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// A field of keys, such as `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_direction: Option<ApiKeyDirection>,
}

/// Why `GET /devices` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListDevicesCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /organization/list-invitations` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListInvitationsCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not allowed to list invitations for this organization.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS")]
    YouAreNotAllowedToListInvitations,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/list-invitations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ListInvitationsQuery {
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

/// Why `GET /organization/list-members` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListMembersCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not a member of this organization.
    #[serde(rename = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")]
    YouAreNotAMemberOfThisOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/list-members`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ListMembersQuery {
    /// Members of a page, at most 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// Where a page begins: the `nextCursor` of the page before, or an empty text for the first page.
    /// Members then come in the order in which they joined; the last page is as fast as the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_direction: Option<OrganizationDirection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_value: Option<OrganizationFilterValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_operator: Option<OrganizationOperator>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
}

/// Why `GET /organization/list` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListOrganizationsCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /list-sessions` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListSessionsCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: Session is not fresh.
    #[serde(rename = "SESSION_NOT_FRESH")]
    SessionNotFresh,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /two-factor/devices` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListTrustedDevicesCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /list-accounts` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListUserAccountsCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /organization/list-user-invitations` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ListUserInvitationsCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 403: Email verification required to view or list invitations for the session email.
    #[serde(rename = "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION")]
    EmailVerificationRequiredForInvitation,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /organization/list-user-invitations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ListUserInvitationsQuery {
    /// Whose invitations, for calls in process without a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// An account that the browser is signed in with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct MultiSessionDeviceSession {
    pub session: Session,
    pub user: User,
}

/// Names one of the browser's sessions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct MultiSessionNamedSession {
    /// Its token. It counts for nothing without the cookie that the browser has for it.
    pub session_token: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct MultiSessionRevoked {
    /// `true`.
    pub status: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    pub created_at: String,
    /// The object where it was just written, its JSON text where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAccept {
    pub invitation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAccepted {
    pub invitation: OrganizationInvitation,
    pub member: OrganizationMember,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAnswer {
    /// Always `null`.
    pub error: Option<String>,
    pub success: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAnswers {
    /// In the order of the requests. In an organization that the user is not in, nothing is allowed.
    pub answers: Vec<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAsked {
    pub permissions: Permissions,
    /// Refused beside `permissions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permissions>,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

/// The old name, which is taken and never granted: as upstream has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAskedBefore {
    pub permission: Permissions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationCancel {
    pub invitation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// `null` removes it.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<Json>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationCheckSlug {
    pub slug: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationCreate {
    pub name: String,
    pub slug: String,
    /// Who owns it, for calls in process without a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Address of an image.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<Json>>,
    /// The session stays in the organization that it works in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_current_active_organization: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationCreated {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    pub created_at: String,
    /// The object where it was just written, its JSON text where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
    pub members: Vec<OrganizationMember>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationDelete {
    pub organization_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum OrganizationDirection {
    #[serde(rename = "asc")]
    Asc,
    #[serde(rename = "desc")]
    Desc,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(untagged)]
pub enum OrganizationFilterValue {
    Text(String),
    List(Vec<String>),
    /// Something that this client does not know.
    Other(Json),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationFree {
    pub status: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationFull {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub logo: Option<String>,
    pub created_at: String,
    /// The object where it was just written, its JSON text where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
    pub invitations: Vec<OrganizationInvitation>,
    pub members: Vec<OrganizationMember>,
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<Option<Vec<OrganizationTeam>>>,
}

/// Exactly one of `permissions` and `permission`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(untagged)]
pub enum OrganizationHasPermission {
    OrganizationAsked(OrganizationAsked),
    OrganizationAskedBefore(OrganizationAskedBefore),
    /// Something that this client does not know.
    Other(Json),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationHasPermissions {
    pub requests: Vec<OrganizationPermissionRequest>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationInvitation {
    pub id: String,
    pub organization_id: String,
    pub email: String,
    /// A comma list.
    pub role: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    /// A comma list; left out where organizations have no teams.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Option<String>>,
    pub inviter_id: String,
    pub expires_at: String,
    pub created_at: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationInvite {
    pub email: String,
    pub role: OrganizationOneOrMore,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// Mails an invitation that waits once more, and gives it new time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resend: Option<bool>,
    /// Teams that the invited joins too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<OrganizationOneOrMore>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationLeave {
    pub organization_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMember {
    pub id: String,
    pub organization_id: String,
    pub user_id: String,
    /// A comma list.
    pub role: String,
    pub created_at: String,
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Option<OrganizationMemberUser>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMemberRole {
    /// A comma list.
    pub role: String,
}

/// What members see of each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMemberUser {
    pub id: String,
    pub name: String,
    pub email: String,
    pub image: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMembers {
    pub members: Vec<OrganizationMember>,
    /// Of all pages. Left out of pages after the first one that a cursor leads to.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Option<i64>>,
    /// Where the next page begins, for who asked with `cursor`; `null` after the last one.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Option<String>>,
}

/// `role: "admin"` or `role: ["admin", "member"]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(untagged)]
pub enum OrganizationOneOrMore {
    Text(String),
    List(Vec<String>),
    /// Something that this client does not know.
    Other(Json),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum OrganizationOperator {
    #[serde(rename = "eq")]
    Eq,
    #[serde(rename = "ne")]
    Ne,
    #[serde(rename = "lt")]
    Lt,
    #[serde(rename = "lte")]
    Lte,
    #[serde(rename = "gt")]
    Gt,
    #[serde(rename = "gte")]
    Gte,
    #[serde(rename = "in")]
    In,
    #[serde(rename = "not_in")]
    NotIn,
    #[serde(rename = "contains")]
    Contains,
    #[serde(rename = "starts_with")]
    StartsWith,
    #[serde(rename = "ends_with")]
    EndsWith,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationPermissionRequest {
    pub permissions: Permissions,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// Whose row it is about: some roles may change rows of their own only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationReject {
    pub invitation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationRejected {
    pub invitation: OrganizationInvitation,
    /// Always `null`.
    pub member: Option<OrganizationMember>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationRemove {
    pub member_id_or_email: String,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationRemoved {
    pub member: OrganizationMember,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationSetActive {
    /// `null` for none.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationShown {
    pub id: String,
    pub organization_id: String,
    pub email: String,
    /// A comma list.
    pub role: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    /// A comma list; left out where organizations have no teams.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Option<String>>,
    pub inviter_id: String,
    pub expires_at: String,
    pub created_at: String,
    pub organization_name: String,
    pub organization_slug: String,
    pub inviter_email: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationTeam {
    pub id: String,
    pub name: String,
    pub organization_id: String,
    pub created_at: String,
    pub updated_at: Option<String>,
    /// Part of the full organization only.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_count: Option<Option<i64>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationTransfer {
    /// The new owner.
    pub member_id: String,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationTransferred {
    /// The new owner.
    pub owner: OrganizationMember,
    /// The caller, with the roles that are left; `admin` where there is none.
    pub member: OrganizationMember,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationUpdate {
    pub data: OrganizationChanges,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationUpdateRole {
    pub role: OrganizationOneOrMore,
    pub member_id: String,
    /// The active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationWaiting {
    pub id: String,
    pub organization_id: String,
    pub email: String,
    /// A comma list.
    pub role: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    /// A comma list; left out where organizations have no teams.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Option<String>>,
    pub inviter_id: String,
    pub expires_at: String,
    pub created_at: String,
    pub organization_name: String,
}

/// Why `POST /token/pair` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum PairTokensCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Unknown client.
    #[serde(rename = "UNKNOWN_CLIENT")]
    UnknownClient,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: Only the session's own token can be paired.
    #[serde(rename = "SESSION_TOKEN_REQUIRED")]
    SessionTokenRequired,
    /// 403: This session cannot be extended.
    #[serde(rename = "SESSION_CANNOT_BE_EXTENDED")]
    SessionCannotBeExtended,
    /// 403: Sign in again: this session is older than the client's may be.
    #[serde(rename = "SESSION_TOO_OLD")]
    SessionTooOld,
    /// 409: The session has a refresh token already.
    #[serde(rename = "ALREADY_PAIRED")]
    AlreadyPaired,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Resources, each with a list of actions.
pub type Permissions = Map<Vec<String>>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct RealtimeTicket {
    /// For the `ticket` parameter of `/ws` and `/realtime/events`. It counts once.
    pub ticket: String,
    /// Seconds.
    pub expires_in: i64,
}

/// Why `POST /realtime/ticket` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RealtimeTicketCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /get-session` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RefreshSessionCode {
    /// 405: POST method requires deferSessionRefresh to be enabled in session config.
    #[serde(rename = "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED")]
    MethodNotAllowedDeferSessionRequired,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /refresh-token` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RefreshTokenCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Account not found.
    #[serde(rename = "ACCOUNT_NOT_FOUND")]
    AccountNotFound,
    /// 400: Provider is not supported.
    #[serde(rename = "PROVIDER_NOT_SUPPORTED")]
    ProviderNotSupported,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /token/refresh` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RefreshTokensCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Invalid refresh token.
    #[serde(rename = "INVALID_REFRESH_TOKEN")]
    InvalidRefreshToken,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/reject-invitation` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RejectInvitationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invitation not found!
    #[serde(rename = "INVITATION_NOT_FOUND")]
    InvitationNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: You are not the recipient of the invitation.
    #[serde(rename = "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")]
    YouAreNotTheRecipientOfTheInvitation,
    /// 403: Email verification required before accepting or rejecting invitation.
    #[serde(rename = "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION")]
    EmailVerificationRequiredBeforeAcceptingOrRejectingInvitation,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/remove-member` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RemoveMemberCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 400: You cannot leave the organization as the only owner.
    #[serde(rename = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")]
    YouCannotLeaveTheOrganizationAsTheOnlyOwner,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 401: You are not allowed to delete this member.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER")]
    YouAreNotAllowedToDeleteThisMember,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /api-key/report-leak` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ReportLeakedApiKeyCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /reset-password/{token}` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RequestPasswordResetCallbackCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 403: Invalid callbackURL.
    #[serde(rename = "INVALID_CALLBACK_URL")]
    InvalidCallbackUrl,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /reset-password/{token}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct RequestPasswordResetCallbackQuery {
    /// The page; it gets `?token=` or `?error=INVALID_TOKEN`.
    #[serde(rename = "callbackURL")]
    pub callback_url: String,
}

/// Why `POST /request-password-reset` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RequestPasswordResetCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /reset-password` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum ResetPasswordCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invalid token.
    #[serde(rename = "INVALID_TOKEN")]
    InvalidToken,
    /// 400: Password too short.
    #[serde(rename = "PASSWORD_TOO_SHORT")]
    PasswordTooShort,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 400: Password breaks a rule.
    #[serde(rename = "PASSWORD_TOO_WEAK")]
    PasswordTooWeak,
    /// 400: User not found.
    #[serde(rename = "USER_NOT_FOUND")]
    UserNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `POST /reset-password`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct ResetPasswordQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Why `POST /multi-session/revoke` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeDeviceSessionCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 401: Invalid session token.
    #[serde(rename = "INVALID_SESSION_TOKEN")]
    InvalidSessionToken,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /revoke-other-sessions` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeOtherSessionsCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct RevokeSession {
    /// The token of one of the caller's own sessions, from the list; or its id, which stays where the
    /// session gets another token meanwhile.
    pub token: String,
}

/// Why `POST /revoke-session` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeSessionCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /revoke-sessions` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeSessionsCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /token/revoke` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeTokenCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: This token has no jti, so it cannot be revoked.
    #[serde(rename = "TOKEN_NOT_REVOCABLE")]
    TokenNotRevocable,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/devices/revoke` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeTrustedDeviceCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: Trusted device not found.
    #[serde(rename = "TRUSTED_DEVICE_NOT_FOUND")]
    TrustedDeviceNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/devices/revoke-all` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RevokeTrustedDevicesCode {
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct RotateApiKey {
    /// The kind of key, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    pub key_id: String,
    /// Seconds that the old text stays good; 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap: Option<i64>,
    /// The answer of the last rotation was lost: its text ends at once, and the one before it stays good as
    /// long as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<bool>,
}

/// Why `POST /api-key/rotate` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum RotateApiKeyCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: The overlap is longer than it may be.
    #[serde(rename = "INVALID_OVERLAP")]
    InvalidOverlap,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: API Key not found.
    #[serde(rename = "KEY_NOT_FOUND")]
    KeyNotFound,
    /// 409: The text before the last rotation is still good. With `again` the newest text is replaced.
    #[serde(rename = "ROTATION_RUNNING")]
    RotationRunning,
    /// 409: Somebody else has rotated the key.
    #[serde(rename = "ROTATED_MEANWHILE")]
    RotatedMeanwhile,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// A key with its new text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct RotatedApiKey {
    /// The new text. It cannot be shown again.
    pub key: String,
    /// The last moment of the old one.
    pub previous_key_until: Option<String>,
    pub id: String,
    pub config_id: String,
    pub name: Option<String>,
    /// The first letters of the key, the prefix included.
    pub start: Option<String>,
    /// The user that the key belongs to.
    pub reference_id: String,
    pub prefix: Option<String>,
    /// Milliseconds after which `remaining` becomes `refillAmount` again.
    pub refill_interval: Option<i64>,
    pub refill_amount: Option<i64>,
    pub last_refill_at: Option<String>,
    pub enabled: Option<bool>,
    pub rate_limit_enabled: Option<bool>,
    /// Milliseconds.
    pub rate_limit_time_window: Option<i64>,
    /// Uses in the window.
    pub rate_limit_max: Option<i64>,
    /// Uses in the present window.
    pub request_count: Option<i64>,
    /// Uses that are left; null for any number.
    pub remaining: Option<i64>,
    pub last_request: Option<String>,
    pub expires_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    /// What the key may do; null for nothing.
    pub permissions: Option<Permissions>,
    pub metadata: Json,
}

/// Why `POST /two-factor/send-otp` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SendTwoFactorOtpCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: TOTP not enabled.
    #[serde(rename = "TOTP_NOT_ENABLED")]
    TotpNotEnabled,
    /// 400: OTP is not available.
    #[serde(rename = "OTP_NOT_CONFIGURED")]
    OtpNotConfigured,
    /// 400: OTP has expired.
    #[serde(rename = "OTP_HAS_EXPIRED")]
    OtpHasExpired,
    /// 400: Backup codes aren't enabled.
    #[serde(rename = "BACKUP_CODES_NOT_ENABLED")]
    BackupCodesNotEnabled,
    /// 400: Too many attempts. Please request a new code.
    #[serde(rename = "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE")]
    TooManyAttemptsRequestNewCode,
    /// 401: Invalid two factor cookie.
    #[serde(rename = "INVALID_TWO_FACTOR_COOKIE")]
    InvalidTwoFactorCookie,
    /// 401: Invalid code.
    #[serde(rename = "INVALID_CODE")]
    InvalidCode,
    /// 401: Invalid backup code.
    #[serde(rename = "INVALID_BACKUP_CODE")]
    InvalidBackupCode,
    /// 429: Too many failed verification attempts. Your account is temporarily locked. Please try again later.
    #[serde(rename = "ACCOUNT_TEMPORARILY_LOCKED")]
    AccountTemporarilyLocked,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /send-verification-email` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SendVerificationEmailCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Email mismatch.
    #[serde(rename = "EMAIL_MISMATCH")]
    EmailMismatch,
    /// 400: Email is already verified.
    #[serde(rename = "EMAIL_ALREADY_VERIFIED")]
    EmailAlreadyVerified,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// A signed-in device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: String,
    pub user_id: String,
    pub token: String,
    pub expires_at: String,
    pub created_at: String,
    pub updated_at: String,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub active_organization_id: Option<String>,
}

/// A session, without what would let anybody use it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct SessionDevice {
    /// For `POST /revoke-session`, as its `token`.
    pub id: String,
    /// Such as `Firefox on Linux`, or `Unknown device`.
    pub name: String,
    /// Empty where it is unknown.
    pub ip_address: String,
    pub created_at: String,
    /// When it was last used: to the moment where this process saw it, within two minutes otherwise.
    pub last_active_at: String,
    pub expires_at: String,
    /// The one that asks.
    pub current: bool,
}

/// For providers that end their own session too; nothing of it is needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct SessionSignOut {
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_redirect: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct SessionSignedOut {
    pub success: bool,
}

/// `{status: true}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct SessionStatus {
    pub status: bool,
}

/// Who is signed in, on which session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    pub session: Session,
    pub user: User,
    /// The session is due for `POST /get-session`. Only where refreshing is deferred.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_refresh: Option<Option<bool>>,
}

/// Why `POST /organization/set-active` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SetActiveOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: User is not a member of the organization.
    #[serde(rename = "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")]
    UserIsNotAMemberOfTheOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /multi-session/set-active` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SetActiveSessionCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Invalid session token.
    #[serde(rename = "INVALID_SESSION_TOKEN")]
    InvalidSessionToken,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /sign-in/email` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SignInEmailCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invalid email.
    #[serde(rename = "INVALID_EMAIL")]
    InvalidEmail,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 401: Invalid email or password.
    #[serde(rename = "INVALID_EMAIL_OR_PASSWORD")]
    InvalidEmailOrPassword,
    /// 403: Email not verified.
    #[serde(rename = "EMAIL_NOT_VERIFIED")]
    EmailNotVerified,
    /// 403: Cross-site navigation login blocked. This request appears to be a CSRF attack.
    #[serde(rename = "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED")]
    CrossSiteNavigationLoginBlocked,
    /// 429: Too many failed attempts. Please try again later.
    #[serde(rename = "TOO_MANY_ATTEMPTS")]
    TooManyAttempts,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /sign-in/social` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SignInSocialCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 404: Provider not found.
    #[serde(rename = "PROVIDER_NOT_FOUND")]
    ProviderNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /sign-out` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SignOutCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /sign-up/email` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum SignUpEmailCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Email and password sign up is not enabled.
    #[serde(rename = "EMAIL_PASSWORD_SIGN_UP_DISABLED")]
    EmailPasswordSignUpDisabled,
    /// 400: Password too short.
    #[serde(rename = "PASSWORD_TOO_SHORT")]
    PasswordTooShort,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 400: Password breaks a rule.
    #[serde(rename = "PASSWORD_TOO_WEAK")]
    PasswordTooWeak,
    /// 400: Field not allowed to be set.
    #[serde(rename = "FIELD_NOT_ALLOWED")]
    FieldNotAllowed,
    /// 400: Field is required.
    #[serde(rename = "MISSING_FIELD")]
    MissingField,
    /// 403: Cross-site navigation login blocked. This request appears to be a CSRF attack.
    #[serde(rename = "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED")]
    CrossSiteNavigationLoginBlocked,
    /// 422: User already exists. Use another email.
    #[serde(rename = "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")]
    UserAlreadyExistsUseAnotherEmail,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/transfer-ownership` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum TransferOwnershipCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 400: You cannot transfer the organization to yourself.
    #[serde(rename = "YOU_CANNOT_TRANSFER_THE_ORGANIZATION_TO_YOURSELF")]
    YouCannotTransferTheOrganizationToYourself,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: You are not allowed to update this member.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")]
    YouAreNotAllowedToUpdateThisMember,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorBackupCodes {
    pub status: bool,
    pub backup_codes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorDisable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorEnable {
    /// The user's. A sign-in that waits for this needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// `totp` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<TwoFactorMethod>,
    /// The name in the authenticator app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// What the user needs for the next step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorEnabling {
    pub method: TwoFactorMethod,
    /// For the authenticator app. The factor counts once a code was verified.
    #[serde(rename = "totpURI")]
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp_uri: Option<Option<String>>,
    /// To be kept by the user; they are shown once.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_codes: Option<Option<Vec<String>>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorForgetDevice {
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum TwoFactorFormat {
    #[serde(rename = "svg")]
    Svg,
    #[serde(rename = "png")]
    Png,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorGenerateBackupCodes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorGetTotpUri {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum TwoFactorMethod {
    #[serde(rename = "otp")]
    Otp,
    #[serde(rename = "totp")]
    Totp,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorSendOtp {
    /// Nothing comes of it here: say it when the code is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_device: Option<bool>,
}

/// `{status: true}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorStatus {
    pub status: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorTotpQr {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// `svg` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TwoFactorFormat>,
    /// The name in the authenticator app, as it was given to `enable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorTotpUri {
    #[serde(rename = "totpURI")]
    pub totp_uri: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorTrustedDevice {
    pub id: String,
    /// What the device called itself.
    pub user_agent: Option<String>,
    pub created_at: String,
    /// When it was not asked last.
    pub last_used_at: String,
    pub expires_at: String,
    /// It is the one that asks.
    pub current: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorTrustedDevices {
    pub devices: Vec<TwoFactorTrustedDevice>,
}

/// Who was right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorVerified {
    /// The session's token; without one where none was wanted.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Option<String>>,
    pub user: User,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorVerifyBackupCode {
    pub code: String,
    /// Uses the code up and gives no session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_session: Option<bool>,
    /// Does not ask on this device again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_device: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorVerifyOtp {
    pub code: String,
    /// Does not ask on this device again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_device: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorVerifyTotp {
    pub code: String,
    /// Does not ask on this device again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_device: Option<bool>,
}

/// Why `POST /unlink-account` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum UnlinkAccountCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: You can't unlink your last account.
    #[serde(rename = "FAILED_TO_UNLINK_LAST_ACCOUNT")]
    FailedToUnlinkLastAccount,
    /// 400: Account not found.
    #[serde(rename = "ACCOUNT_NOT_FOUND")]
    AccountNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: Session is not fresh.
    #[serde(rename = "SESSION_NOT_FRESH")]
    SessionNotFresh,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct UpdateApiKey {
    /// The kind of key, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    pub key_id: String,
    /// Whose key it is, for the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// An object, or null for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
    /// Seconds from now; null for ever.
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Option<f64>>,
    /// Uses until the key is used up. From the program only, as all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refill_amount: Option<f64>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refill_interval: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_enabled: Option<bool>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_time_window: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_max: Option<f64>,
    #[serde(default)]
    #[serde(deserialize_with = "crate::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Option<Permissions>>,
}

/// Why `POST /api-key/update` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum UpdateApiKeyCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: The property you're trying to set can only be set from the server auth instance only.
    #[serde(rename = "SERVER_ONLY_PROPERTY")]
    ServerOnlyProperty,
    /// 400: The name length is either too large or too small.
    #[serde(rename = "INVALID_NAME_LENGTH")]
    InvalidNameLength,
    /// 400: metadata must be an object or undefined.
    #[serde(rename = "INVALID_METADATA_TYPE")]
    InvalidMetadataType,
    /// 400: Metadata is too large.
    #[serde(rename = "METADATA_TOO_LARGE")]
    MetadataTooLarge,
    /// 400: refillAmount is required when refillInterval is provided.
    #[serde(rename = "REFILL_AMOUNT_AND_INTERVAL_REQUIRED")]
    RefillAmountAndIntervalRequired,
    /// 400: refillInterval is required when refillAmount is provided.
    #[serde(rename = "REFILL_INTERVAL_AND_AMOUNT_REQUIRED")]
    RefillIntervalAndAmountRequired,
    /// 400: Custom key expiration values are disabled.
    #[serde(rename = "KEY_DISABLED_EXPIRATION")]
    KeyDisabledExpiration,
    /// 400: The expiresIn is smaller than the predefined minimum value.
    #[serde(rename = "EXPIRES_IN_IS_TOO_SMALL")]
    ExpiresInIsTooSmall,
    /// 400: The expiresIn is larger than the predefined maximum value.
    #[serde(rename = "EXPIRES_IN_IS_TOO_LARGE")]
    ExpiresInIsTooLarge,
    /// 400: No values to update.
    #[serde(rename = "NO_VALUES_TO_UPDATE")]
    NoValuesToUpdate,
    /// 401: Unauthorized or invalid session.
    #[serde(rename = "UNAUTHORIZED_SESSION")]
    UnauthorizedSession,
    /// 403: You are not a member of the organization that owns this API key.
    #[serde(rename = "USER_NOT_MEMBER_OF_ORGANIZATION")]
    UserNotMemberOfOrganization,
    /// 403: You do not have permission to perform this action on organization API keys.
    #[serde(rename = "INSUFFICIENT_API_KEY_PERMISSIONS")]
    InsufficientApiKeyPermissions,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 404: API Key not found.
    #[serde(rename = "KEY_NOT_FOUND")]
    KeyNotFound,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/update-member-role` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum UpdateMemberRoleCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: No active organization.
    #[serde(rename = "NO_ACTIVE_ORGANIZATION")]
    NoActiveOrganization,
    /// 400: Member not found.
    #[serde(rename = "MEMBER_NOT_FOUND")]
    MemberNotFound,
    /// 400: You cannot leave the organization without an owner.
    #[serde(rename = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER")]
    YouCannotLeaveTheOrganizationWithoutAnOwner,
    /// 400: Role not found.
    #[serde(rename = "ROLE_NOT_FOUND")]
    RoleNotFound,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: You are not allowed to update this member.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")]
    YouAreNotAllowedToUpdateThisMember,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /organization/update` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum UpdateOrganizationCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Organization not found.
    #[serde(rename = "ORGANIZATION_NOT_FOUND")]
    OrganizationNotFound,
    /// 400: User is not a member of the organization.
    #[serde(rename = "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")]
    UserIsNotAMemberOfTheOrganization,
    /// 400: Organization slug already taken.
    #[serde(rename = "ORGANIZATION_SLUG_ALREADY_TAKEN")]
    OrganizationSlugAlreadyTaken,
    /// 400: A slug has lower-case letters, digits and single hyphens, at most 63.
    #[serde(rename = "INVALID_SLUG")]
    InvalidSlug,
    /// 403: You are not allowed to update this organization.
    #[serde(rename = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION")]
    YouAreNotAllowedToUpdateThisOrganization,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /update-session` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum UpdateSessionCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Body must be an object.
    #[serde(rename = "BODY_MUST_BE_AN_OBJECT")]
    BodyMustBeAnObject,
    /// 400: Field not allowed to be set.
    #[serde(rename = "FIELD_NOT_ALLOWED")]
    FieldNotAllowed,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 401: Failed to get session.
    #[serde(rename = "FAILED_TO_GET_SESSION")]
    FailedToGetSession,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /update-user` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum UpdateUserCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Email can not be updated.
    #[serde(rename = "EMAIL_CAN_NOT_BE_UPDATED")]
    EmailCanNotBeUpdated,
    /// 400: Body must be an object.
    #[serde(rename = "BODY_MUST_BE_AN_OBJECT")]
    BodyMustBeAnObject,
    /// 400: Field not allowed to be set.
    #[serde(rename = "FIELD_NOT_ALLOWED")]
    FieldNotAllowed,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct UpdatedSession {
    pub session: Session,
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub email_verified: bool,
    pub image: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub two_factor_enabled: Option<bool>,
}

/// Why `POST /two-factor/verify-backup-code` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum VerifyBackupCodeCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: TOTP not enabled.
    #[serde(rename = "TOTP_NOT_ENABLED")]
    TotpNotEnabled,
    /// 400: OTP is not available.
    #[serde(rename = "OTP_NOT_CONFIGURED")]
    OtpNotConfigured,
    /// 400: OTP has expired.
    #[serde(rename = "OTP_HAS_EXPIRED")]
    OtpHasExpired,
    /// 400: Backup codes aren't enabled.
    #[serde(rename = "BACKUP_CODES_NOT_ENABLED")]
    BackupCodesNotEnabled,
    /// 400: Too many attempts. Please request a new code.
    #[serde(rename = "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE")]
    TooManyAttemptsRequestNewCode,
    /// 401: Invalid two factor cookie.
    #[serde(rename = "INVALID_TWO_FACTOR_COOKIE")]
    InvalidTwoFactorCookie,
    /// 401: Invalid code.
    #[serde(rename = "INVALID_CODE")]
    InvalidCode,
    /// 401: Invalid backup code.
    #[serde(rename = "INVALID_BACKUP_CODE")]
    InvalidBackupCode,
    /// 429: Too many failed verification attempts. Your account is temporarily locked. Please try again later.
    #[serde(rename = "ACCOUNT_TEMPORARILY_LOCKED")]
    AccountTemporarilyLocked,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `GET /verify-email` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum VerifyEmailCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 401: Invalid token.
    #[serde(rename = "INVALID_TOKEN")]
    InvalidToken,
    /// 401: Token expired.
    #[serde(rename = "TOKEN_EXPIRED")]
    TokenExpired,
    /// 401: User not found.
    #[serde(rename = "USER_NOT_FOUND")]
    UserNotFound,
    /// 401: Invalid user.
    #[serde(rename = "INVALID_USER")]
    InvalidUser,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// 403: Invalid callbackURL.
    #[serde(rename = "INVALID_CALLBACK_URL")]
    InvalidCallbackUrl,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /verify-email`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
#[serde(rename_all = "camelCase")]
pub struct VerifyEmailQuery {
    pub token: String,
    /// Where the browser goes, with `?error=<code>` when the link does not work.
    #[serde(rename = "callbackURL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

/// Why `POST /verify-password` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum VerifyPasswordCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: Invalid password.
    #[serde(rename = "INVALID_PASSWORD")]
    InvalidPassword,
    /// 400: Password too long.
    #[serde(rename = "PASSWORD_TOO_LONG")]
    PasswordTooLong,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// 403: Insufficient scope.
    #[serde(rename = "INSUFFICIENT_SCOPE")]
    InsufficientScope,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/verify-totp` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum VerifyTotpCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: TOTP not enabled.
    #[serde(rename = "TOTP_NOT_ENABLED")]
    TotpNotEnabled,
    /// 400: OTP is not available.
    #[serde(rename = "OTP_NOT_CONFIGURED")]
    OtpNotConfigured,
    /// 400: OTP has expired.
    #[serde(rename = "OTP_HAS_EXPIRED")]
    OtpHasExpired,
    /// 400: Backup codes aren't enabled.
    #[serde(rename = "BACKUP_CODES_NOT_ENABLED")]
    BackupCodesNotEnabled,
    /// 400: Too many attempts. Please request a new code.
    #[serde(rename = "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE")]
    TooManyAttemptsRequestNewCode,
    /// 401: Invalid two factor cookie.
    #[serde(rename = "INVALID_TWO_FACTOR_COOKIE")]
    InvalidTwoFactorCookie,
    /// 401: Invalid code.
    #[serde(rename = "INVALID_CODE")]
    InvalidCode,
    /// 401: Invalid backup code.
    #[serde(rename = "INVALID_BACKUP_CODE")]
    InvalidBackupCode,
    /// 429: Too many failed verification attempts. Your account is temporarily locked. Please try again later.
    #[serde(rename = "ACCOUNT_TEMPORARILY_LOCKED")]
    AccountTemporarilyLocked,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// Why `POST /two-factor/verify-otp` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub enum VerifyTwoFactorOtpCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: TOTP is not available.
    #[serde(rename = "TOTP_NOT_CONFIGURED")]
    TotpNotConfigured,
    /// 400: TOTP not enabled.
    #[serde(rename = "TOTP_NOT_ENABLED")]
    TotpNotEnabled,
    /// 400: OTP is not available.
    #[serde(rename = "OTP_NOT_CONFIGURED")]
    OtpNotConfigured,
    /// 400: OTP has expired.
    #[serde(rename = "OTP_HAS_EXPIRED")]
    OtpHasExpired,
    /// 400: Backup codes aren't enabled.
    #[serde(rename = "BACKUP_CODES_NOT_ENABLED")]
    BackupCodesNotEnabled,
    /// 400: Too many attempts. Please request a new code.
    #[serde(rename = "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE")]
    TooManyAttemptsRequestNewCode,
    /// 401: Invalid two factor cookie.
    #[serde(rename = "INVALID_TWO_FACTOR_COOKIE")]
    InvalidTwoFactorCookie,
    /// 401: Invalid code.
    #[serde(rename = "INVALID_CODE")]
    InvalidCode,
    /// 401: Invalid backup code.
    #[serde(rename = "INVALID_BACKUP_CODE")]
    InvalidBackupCode,
    /// 429: Too many failed verification attempts. Your account is temporarily locked. Please try again later.
    #[serde(rename = "ACCOUNT_TEMPORARILY_LOCKED")]
    AccountTemporarilyLocked,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}
