//! `GET /organization/list-members`: members in pages.

use auth_core::{
    Core, Cx, Failure, Json, Key, Query, Session, Timestamp,
    endpoint::{Endpoint, get},
    schemars::JsonSchema,
    sea_orm::{
        ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
        sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::chosen,
    schema::member::{Column, Entity, Model},
    standing::standing,
    store,
    wire::{Member, MemberUser},
};

auth_core::errors! {
    pub enum ListMembersError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
    }
}

pub const LIST_MEMBERS: Key<(), Members> = Key::new("listMembers");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_MEMBERS, "/organization/list-members", list).summary("Members, in pages")
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMembers {
    /// Members of a page, at most 1000.
    pub limit: Option<String>,
    pub offset: Option<String>,
    /// Where a page begins: the `nextCursor` of the page before, or an empty text for the first page.
    /// Members then come in the order in which they joined; the last page is as fast as the first.
    pub cursor: Option<String>,
    pub sort_by: Option<String>,
    pub sort_direction: Option<Direction>,
    pub filter_field: Option<String>,
    pub filter_value: Option<FilterValue>,
    pub filter_operator: Option<Operator>,
    pub organization_id: Option<String>,
    pub organization_slug: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Asc,
    Desc,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FilterValue {
    One(String),
    More(Vec<String>),
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    pub members: Vec<Member>,
    /// Of all pages. Left out of pages after the first one that a cursor leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Where the next page begins, for who asked with `cursor`; `null` after the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Option<String>>,
}

/// No page has more.
const LARGEST: u64 = 1000;

/// Which members, in which order.
pub(crate) struct Page {
    limit: u64,
    offset: u64,
    after: Option<(Timestamp, String)>,
    order: Option<(Column, Order)>,
    filter: Option<SimpleExpr>,
}

impl Page {
    /// The first page. What is no number says nothing.
    pub(crate) fn first(membership_limit: u64, limit: Option<&str>) -> Self {
        let default = if membership_limit == 0 { 100 } else { membership_limit };
        let limit = limit.and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0).unwrap_or(default);
        Self { limit: Ord::min(limit, LARGEST), offset: 0, after: None, order: None, filter: None }
    }

    fn of(query: &ListMembers, membership_limit: u64) -> Result<Self, Failure> {
        let mut page = Self::first(membership_limit, query.limit.as_deref());
        page.offset = query.offset.as_deref().and_then(|offset| offset.parse().ok()).unwrap_or(0);
        // Larger ones do not fit into every database's numbers.
        page.offset = Ord::min(page.offset, u64::from(u32::MAX));
        if let Some(name) = query.sort_by.as_deref().filter(|name| !name.is_empty()) {
            let order =
                if matches!(query.sort_direction, Some(Direction::Desc)) { Order::Desc } else { Order::Asc };
            page.order = Some((column(name, "sortBy")?, order));
        }
        if let Some(cursor) = &query.cursor {
            let bad = || wrong("cursor", "Invalid input: not a cursor of this list");
            page.after = (!cursor.is_empty()).then(|| read_cursor(cursor).ok_or_else(bad)).transpose()?;
            page.order = None;
            page.offset = 0;
        }
        if let Some(name) = query.filter_field.as_deref().filter(|name| !name.is_empty()) {
            page.filter = Some(filter(column(name, "filterField")?, query)?);
        }
        Ok(page)
    }

    fn condition(&self, organization_id: &str) -> Condition {
        Condition::all().add(Column::OrganizationId.eq(organization_id)).add_option(self.filter.clone())
    }
}

/// The place after a member: when they joined, and their id.
fn cursor(member: &Member) -> String {
    format!("{}.{}", member.created_at.unix_millis(), member.id)
}

fn read_cursor(text: &str) -> Option<(Timestamp, String)> {
    let (millis, id) = text.split_once('.')?;
    Some((Timestamp::from_unix_millis(millis.parse().ok()?), id.to_owned()))
}

fn wrong(field: &str, what: &str) -> Failure {
    Failure::bad_request("VALIDATION_ERROR", format!("[query.{field}] {what}"))
}

fn column(name: &str, field: &str) -> Result<Column, Failure> {
    Ok(match name {
        "id" => Column::Id,
        "organizationId" => Column::OrganizationId,
        "userId" => Column::UserId,
        "role" => Column::Role,
        "createdAt" => Column::CreatedAt,
        _ => return Err(wrong(field, "Invalid input: members have no such field")),
    })
}

fn filter(column: Column, query: &ListMembers) -> Result<SimpleExpr, Failure> {
    let texts = match &query.filter_value {
        None => return Err(wrong("filterValue", "Invalid input: expected string, received undefined")),
        Some(FilterValue::One(text)) => std::slice::from_ref(text),
        Some(FilterValue::More(texts)) => texts,
    };
    let operator = query.filter_operator.unwrap_or(Operator::Eq);
    let bind = |text: &String| -> Result<auth_core::sea_orm::Value, Failure> {
        if !matches!(column, Column::CreatedAt) {
            return Ok(text.as_str().into());
        }
        Timestamp::parse(text)
            .map(Into::into)
            .ok_or_else(|| wrong("filterValue", "Invalid input: expected date"))
    };
    let col = Expr::col((Entity, column));
    if let Operator::In | Operator::NotIn = operator {
        let values = texts.iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        return Ok(if matches!(operator, Operator::In) { col.is_in(values) } else { col.is_not_in(values) });
    }
    let [text] = texts else {
        return Err(wrong("filterValue", "Invalid input: expected string, received array"));
    };
    if let Operator::Contains | Operator::StartsWith | Operator::EndsWith = operator {
        if matches!(column, Column::CreatedAt) {
            return Err(wrong("filterOperator", "Invalid input: a date has no letters"));
        }
        let text: String = text
            .chars()
            .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
            .collect();
        let pattern = match operator {
            Operator::StartsWith => format!("{text}%"),
            Operator::EndsWith => format!("%{text}"),
            _ => format!("%{text}%"),
        };
        return Ok(col.like(LikeExpr::new(pattern).escape('\\')));
    }
    let value = bind(text)?;
    Ok(match operator {
        Operator::Ne => col.ne(value),
        Operator::Lt => col.lt(value),
        Operator::Lte => col.lte(value),
        Operator::Gt => col.gt(value),
        Operator::Gte => col.gte(value),
        _ => col.eq(value),
    })
}

/// Members with who they are. Somebody who is deleted at this moment is left out.
pub(crate) async fn read(core: &Core, organization_id: &str, page: &Page) -> Result<Vec<Member>, Failure> {
    let mut query = Entity::find().filter(page.condition(organization_id));
    if let Some((at, id)) = &page.after {
        // One comparison of two columns, which an index answers.
        let place = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        let after = Expr::tuple([Expr::value(*at), Expr::value(id.as_str())]);
        query = query.filter(place.gt(after));
    }
    match &page.order {
        Some((column, order)) => query = query.order_by(*column, order.clone()),
        None => query = query.order_by_asc(Column::CreatedAt),
    }
    let rows: Vec<Model> =
        query.order_by_asc(Column::Id).limit(page.limit).offset(page.offset).all(core.db()).await?;
    with_users(core, rows).await
}

async fn with_users(core: &Core, rows: Vec<Model>) -> Result<Vec<Member>, Failure> {
    let ids = rows.iter().map(|row| row.user_id.as_str());
    let users = store::users::by_ids(core.db(), ids).await?;
    let users: std::collections::HashMap<&str, &MemberUser> =
        users.iter().map(|user| (user.id.as_str(), user)).collect();
    let known = |row: Model| {
        let user = (*users.get(row.user_id.as_str())?).clone();
        Some(Member::with(row, user))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(query): Query<ListMembers>,
) -> Result<Json<Members>, ListMembersError> {
    let id = match query.organization_slug.as_deref().filter(|slug| !slug.is_empty()) {
        Some(slug) => {
            store::organizations::by_slug(cx.db(), slug).await?.ok_or(ListMembersError::NotFound)?.id
        }
        None => chosen(query.organization_id.clone(), &session).ok_or(ListMembersError::NoActive)?,
    };
    if standing(&cx, cx.db(), &id, &session).await?.is_none() {
        return Err(ListMembersError::NoMember);
    }
    let page = Page::of(&query, cx.plugin().config.membership_limit)?;
    let members = read(&cx, &id, &page).await?;
    let total = match page.after {
        Some(_) => None,
        None => Some(Entity::find().filter(page.condition(&id)).count(cx.db()).await?),
    };
    let next_cursor = query.cursor.is_some().then(|| {
        let full = u64::try_from(members.len()).is_ok_and(|len| len == page.limit);
        members.last().filter(|_| full).map(cursor)
    });
    Ok(Json(Members { members, total, next_cursor }))
}
