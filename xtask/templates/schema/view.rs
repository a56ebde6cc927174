
auth_core::columns! {
    /// What the plugin keeps of a {{table}} in `{{name}}`.
    pub(crate) struct {{View}} on {{Table}} {
        {{field}}: Option<{{rust}}> => {{column}},
    }
}
