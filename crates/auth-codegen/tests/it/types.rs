//! How schemas look in both languages.

use serde_json::json;

use crate::{has, rust, taking, typescript};

#[test]
fn absent_null_and_needed_are_kept_apart() {
    let document = taking(
        json!({
            "type": "object",
            "properties": {
                "needed": { "type": "string" },
                "maybeNull": { "type": ["integer", "null"] },
                "maybeAbsent": { "type": "number" },
                "maybeBoth": { "type": ["boolean", "null"] },
            },
            "required": ["needed", "maybeNull"],
        }),
        json!({}),
    );
    let text = rust(&document);
    has(&text, "    pub needed: String,\n    pub maybe_null: Option<i64>,\n");
    has(
        &text,
        "    #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub maybe_absent: Option<f64>,\n",
    );
    has(&text, "#[serde(deserialize_with = \"auth_client::present\")]");
    has(&text, "    pub maybe_both: Option<Option<bool>>,\n");
    let text = typescript(&document);
    has(
        &text,
        "  needed: string;\n  maybeNull: number | null;\n  maybeAbsent?: number;\n  maybeBoth?: boolean | null;\n",
    );
}

#[test]
fn names_of_the_wire_survive() {
    let document = taking(
        json!({
            "type": "object",
            "properties": {
                "callbackURL": { "type": "string", "description": "See [here](x) or https://example.com <b>" },
                "type": { "type": "string" },
                "user-agent": { "type": "string" },
            },
            "additionalProperties": true,
        }),
        json!({}),
    );
    let text = rust(&document);
    has(&text, "/// See \\[here\\](x) or <https://example.com> \\<b\\>\n");
    has(&text, "    #[serde(rename = \"callbackURL\")]\n");
    has(&text, "    pub r#type: Option<String>,\n");
    has(&text, "    #[serde(rename = \"user-agent\")]\n");
    has(&text, "    #[serde(flatten)]\n    pub further: Map<Json>,\n");
    let text = typescript(&document);
    has(&text, "  \"user-agent\"?: string;\n  [further: string]: unknown;\n");
}

#[test]
fn what_a_document_says_stays_in_comments_and_texts() {
    let mut document = taking(json!({ "type": "string" }), json!({}));
    document["info"]["title"] = json!("A\nfn evil() {}");
    document["paths"]["/guest-book/sign"]["post"]["summary"] = json!("Ends here */ evil()\nfn evil() {}");
    let (rust, typescript) = (rust(&document), typescript(&document));
    has(&rust, "// A typed client of A fn evil() {}. Written");
    has(&rust, "    /// Ends here */ evil()\n    /// fn evil() {}.\n");
    has(&typescript, "       * Ends here *\\/ evil()\n       * fn evil() {}.\n");
}

#[test]
fn variants_are_told_apart_by_their_tag() {
    let variant = |tag: &str, field: &str| {
        json!({
            "type": "object",
            "properties": { "kind": { "type": "string", "const": tag }, (field): { "type": "string" } },
            "required": ["kind", field],
        })
    };
    let document = taking(
        json!({ "$ref": "#/components/schemas/Mark" }),
        json!({ "Mark": { "oneOf": [variant("stamp", "color"), variant("picture", "address")] } }),
    );
    let text = rust(&document);
    has(&text, "#[serde(untagged)]\npub enum Mark {\n    Stamp(MarkStamp),\n    Picture(MarkPicture),\n");
    // Without an `Other`: the first variant would take every tag.
    has(&text, "pub enum MarkStampKind {\n    #[default]\n    #[serde(rename = \"stamp\")]\n    Stamp,\n}\n");
    let text = typescript(&document);
    has(&text, "export type Mark = MarkStamp | MarkPicture;\n");
    has(&text, "export type MarkStampKind = \"stamp\";\n");
}

#[test]
fn choices_keep_what_is_not_known() {
    let document = taking(
        json!({ "$ref": "#/components/schemas/Mood" }),
        json!({ "Mood": { "oneOf": [
            { "type": "string", "enum": ["glad"] },
            { "type": "string", "const": "so-so", "description": "Neither." },
            { "type": "null" },
        ] } }),
    );
    let text = rust(&document);
    has(&text, "    /// Neither.\n    #[serde(rename = \"so-so\")]\n    SoSo,\n");
    has(&text, "    #[serde(untagged)]\n    Other(String),\n");
    has(&text, "pub type Mood = Option<MoodValue>;\n");
    has(&typescript(&document), "  /** Neither. */\n  | \"so-so\"\n  | (string & {});\n");
}

#[test]
fn lists_and_maps_and_lists_of_oneself_are_types() {
    let document = taking(
        json!({ "$ref": "#/components/schemas/Tree" }),
        json!({ "Tree": {
            "type": "object",
            "properties": {
                "below": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
                "notes": { "type": "object", "additionalProperties": { "type": "array", "items": true } },
            },
            "required": ["below", "notes"],
        } }),
    );
    has(&rust(&document), "    pub below: Vec<Tree>,\n    pub notes: Map<Vec<Json>>,\n");
    has(&typescript(&document), "  below: Array<Tree>;\n  notes: Record<string, Array<unknown>>;\n");
}
