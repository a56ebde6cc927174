//! What answering a challenge can end with.

auth_core::errors! {
    pub enum VerifyError {
        NobodyWaits => (401, "INVALID_TWO_FACTOR_COOKIE", "Invalid two factor cookie"),
        Wrong => (401, "INVALID_CODE", "Invalid code"),
        WrongBackupCode => (401, "INVALID_BACKUP_CODE", "Invalid backup code"),
        NoTotp => (400, "TOTP_NOT_CONFIGURED", "TOTP is not available"),
        NoTotpYet => (400, "TOTP_NOT_ENABLED", "TOTP not enabled"),
        NoOtp => (400, "OTP_NOT_CONFIGURED", "OTP is not available"),
        Expired => (400, "OTP_HAS_EXPIRED", "OTP has expired"),
        NoBackupCodes => (400, "BACKUP_CODES_NOT_ENABLED", "Backup codes aren't enabled"),
        TooMany => (400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE", "Too many attempts. Please request a new code."),
        Locked => (
            429,
            "ACCOUNT_TEMPORARILY_LOCKED",
            "Too many failed verification attempts. Your account is temporarily locked. Please try again later."
        ),
    }
}
