//! Structures, choices and unions.

use std::collections::BTreeSet;

use super::{Printer, docs, literal, member, serde, ty};
use crate::{
    Problem,
    model::{Field, Named, Shape, Ty},
    names::{camel, is_identifier, pascal},
};

impl Printer<'_> {
    pub(super) fn named(&self, named: &Named) -> Result<String, Problem> {
        let place = format!("components.schemas.{}", named.name);
        let comment = docs(&named.docs, "");
        let name = &named.name;
        let text = match &named.shape {
            Shape::Alias(inner) => format!("pub type {name} = {};\n", ty(inner)),
            Shape::Only(value) => {
                let variants = variants(&[(value.clone(), String::new())], &place)?;
                format!(
                    "{}pub enum {name} {{\n{variants}}}\n",
                    self.derive("Clone, Copy, Debug, Default, PartialEq, Eq")
                )
                .replacen("    #[serde(rename", "    #[default]\n    #[serde(rename", 1)
            }
            Shape::Choice(values) => {
                let variants = variants(values, &place)?;
                let other = "    /// Another one, which this client does not know.\n    #[serde(untagged)]\n    Other(String),\n";
                format!(
                    "{}pub enum {name} {{\n{variants}{other}}}\n",
                    self.derive("Clone, Debug, PartialEq, Eq")
                )
            }
            Shape::Union(types) => {
                let variants = variants_of(name, types);
                let other = "    /// Something that this client does not know.\n    Other(Json),\n";
                let derive = self.derive("Clone, Debug, PartialEq");
                format!("{derive}#[serde(untagged)]\npub enum {name} {{\n{variants}{other}}}\n")
            }
            Shape::Structure { fields, open } => self.structure(name, fields, *open, &place)?,
        };
        Ok(comment + &text)
    }

    fn derive(&self, traits: &str) -> String {
        let attribute = format!("crate = \"{}::serde\"", self.runtime);
        format!("#[derive({traits}, Serialize, Deserialize)]\n{}", serde(&attribute, ""))
    }

    fn structure(&self, name: &str, fields: &[Field], open: bool, place: &str) -> Result<String, Problem> {
        let by_default = self.has_default(&Ty::Named(name.to_owned()), &mut BTreeSet::new());
        let traits = if by_default { "Clone, Debug, Default, PartialEq" } else { "Clone, Debug, PartialEq" };
        let mut text = self.derive(traits);
        if fields.is_empty() {
            return Ok(format!("{text}pub struct {name} {{}}\n"));
        }
        text += &format!("#[serde(rename_all = \"camelCase\")]\npub struct {name} {{\n");
        let mut names = BTreeSet::new();
        for field in fields {
            let member = member(&field.wire);
            if !is_identifier(member.trim_start_matches("r#")) || !names.insert(member.clone()) {
                return Err(Problem {
                    place: format!("{place}.{}", field.wire),
                    what: "gives no field of its own".to_owned(),
                });
            }
            text += &self.field(field, &member);
        }
        if open {
            if !names.insert("further".to_owned()) {
                return Err(Problem {
                    place: place.to_owned(),
                    what: "has no room for further values beside `further`".to_owned(),
                });
            }
            text += "    /// Further values.\n    #[serde(flatten)]\n    pub further: Map<Json>,\n";
        }
        Ok(text + "}\n")
    }

    fn field(&self, field: &Field, member: &str) -> String {
        let mut text = docs(&field.docs, "    ");
        let plain = member.trim_start_matches("r#");
        if camel(plain) != field.wire {
            text += &serde(&format!("rename = {}", literal(&field.wire)), "    ");
        }
        let shown = ty(&field.ty);
        let shown = if field.switch {
            text += &serde("default", "    ");
            text += &serde("skip_serializing_if = \"std::ops::Not::not\"", "    ");
            "bool".to_owned()
        } else if field.required {
            shown
        } else {
            if matches!(field.ty, Ty::Nullable(_)) {
                // Absent is `None`, `null` is `Some(None)`.
                text += &serde("default", "    ");
                text += &serde(&format!("deserialize_with = \"{}::present\"", self.runtime), "    ");
            }
            text += &serde("skip_serializing_if = \"Option::is_none\"", "    ");
            format!("Option<{shown}>")
        };
        text + &format!("    pub {member}: {shown},\n")
    }
}

/// The variants of a union, each named after its type, without the union's own name in front.
fn variants_of(union: &str, types: &[Ty]) -> String {
    let mut names = BTreeSet::from(["Other".to_owned()]);
    let mut text = String::new();
    for variant in types {
        let whole = variant_name(variant);
        let own = whole.strip_prefix(union).filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        let wanted = own.unwrap_or(&whole).to_owned();
        let mut name = wanted.clone();
        let mut count = 1;
        while !names.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}{count}");
        }
        text += &format!("    {name}({}),\n", ty(variant));
    }
    text
}

fn variant_name(ty: &Ty) -> String {
    match ty {
        Ty::Any => "Json".to_owned(),
        Ty::Bool | Ty::True => "Bool".to_owned(),
        Ty::Integer => "Integer".to_owned(),
        Ty::Number => "Number".to_owned(),
        Ty::Text => "Text".to_owned(),
        Ty::List(_) => "List".to_owned(),
        Ty::Map(_) => "Map".to_owned(),
        Ty::Named(name) => name.clone(),
        Ty::Nullable(inner) => variant_name(inner),
    }
}

fn variants(values: &[(String, String)], place: &str) -> Result<String, Problem> {
    let mut text = String::new();
    let mut names = BTreeSet::from(["Other".to_owned()]);
    for (value, described) in values {
        let mut name = pascal(value);
        if !is_identifier(&name) {
            name = format!("V{name}");
        }
        if name == "V" || name == "Self" || !names.insert(name.clone()) {
            return Err(Problem {
                place: place.to_owned(),
                what: format!("`{value}` gives no variant of its own"),
            });
        }
        text += &docs(described, "    ");
        text += &serde(&format!("rename = {}", literal(value)), "    ");
        text += &format!("    {name},\n");
    }
    Ok(text)
}
