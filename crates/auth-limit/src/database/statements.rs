//! One guarded statement a counter: it counts, or touches nothing where the counter refuses. The
//! comparison is part of it, so no two callers see the same count. Each gives back what
//! [`Counter`](crate::counter::Counter) is made of. For SQLite and PostgreSQL.

use auth_core::rate::{Algorithm, Ask};
use sea_orm::Value;

use crate::counter::{Figures, TOKEN};

const FIXED: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest") VALUES ($1, $2, 1, $3)
ON CONFLICT ("key") DO UPDATE SET
  "count" = CASE WHEN excluded."lastRequest" - "rateLimit"."lastRequest" >= $4 THEN 1
    ELSE "rateLimit"."count" + 1 END,
  "lastRequest" = excluded."lastRequest"
WHERE excluded."lastRequest" - "rateLimit"."lastRequest" >= $4 OR "rateLimit"."count" < $5
RETURNING CAST("count" AS BIGINT) AS "n", CAST(0 AS BIGINT) AS "before", "lastRequest" AS "last""#;

/// Each window has a row. `$4` is the key of the window before, `$5` what is left of this one, `$6` a
/// whole one, `$7` the limit times a window.
const SLIDING: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest")
SELECT $1, $2, 1, CAST($3 AS BIGINT)
WHERE COALESCE((SELECT b."count" FROM "rateLimit" AS b WHERE b."key" = $4), 0) * $5 + $6 <= $7
ON CONFLICT ("key") DO UPDATE SET "count" = "rateLimit"."count" + 1, "lastRequest" = excluded."lastRequest"
WHERE COALESCE((SELECT b."count" FROM "rateLimit" AS b WHERE b."key" = $4), 0) * $5
  + ("rateLimit"."count" + 1) * $6 <= $7
RETURNING CAST("count" AS BIGINT) AS "n",
  CAST(COALESCE((SELECT b."count" FROM "rateLimit" AS b WHERE b."key" = $4), 0) AS BIGINT) AS "before",
  "lastRequest" AS "last""#;

/// `taken` stands for what is taken out of the bucket by now. `$4` is the limit, `$5` the window in
/// seconds, `$6` what the bucket holds, `$7` a token.
const TOKEN_BUCKET: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest") VALUES ($1, $2, $7, $3)
ON CONFLICT ("key") DO UPDATE SET
  "count" = taken + $7,
  "lastRequest" = CASE WHEN excluded."lastRequest" < "rateLimit"."lastRequest" THEN "rateLimit"."lastRequest"
    ELSE excluded."lastRequest" END
WHERE taken + $7 <= $6
RETURNING CAST("count" AS BIGINT) AS "n", CAST(0 AS BIGINT) AS "before", "lastRequest" AS "last""#;

const TAKEN: &str = r#"(CASE WHEN excluded."lastRequest" <= "rateLimit"."lastRequest" THEN "rateLimit"."count"
    WHEN (excluded."lastRequest" - "rateLimit"."lastRequest") * $4 / $5 >= "rateLimit"."count" THEN 0
    ELSE "rateLimit"."count" - (excluded."lastRequest" - "rateLimit"."lastRequest") * $4 / $5 END)"#;

/// `$4` is when it starts afresh, `$5` the attempts without a pause, `$6` the first pause, `$7` how often
/// it doubles, `$8` the longest.
const GROWING: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest") VALUES ($1, $2, 1, $3)
ON CONFLICT ("key") DO UPDATE SET
  "count" = CASE WHEN excluded."lastRequest" - "rateLimit"."lastRequest" >= $4 THEN 1
    ELSE "rateLimit"."count" + 1 END,
  "lastRequest" = excluded."lastRequest"
WHERE "rateLimit"."count" < $5 OR excluded."lastRequest" - "rateLimit"."lastRequest" >=
  CASE WHEN "rateLimit"."count" - $5 >= $7 THEN $8 ELSE $6 << CAST("rateLimit"."count" - $5 AS INTEGER) END
RETURNING CAST("count" AS BIGINT) AS "n", CAST(0 AS BIGINT) AS "before", "lastRequest" AS "last""#;

/// The rows of a counter: its own, and of a sliding window the one before.
pub(super) fn rows(ask: &Ask, now: i64) -> (String, Option<String>) {
    if ask.limit.algorithm != Algorithm::Sliding {
        return (ask.name(), None);
    }
    let (slot, _) = Figures::of(ask.limit).slot(now);
    (format!("s|{slot}|{}", ask.key), Some(format!("s|{}|{}", slot - 1, ask.key)))
}

/// The statement that counts a request, and its values.
pub(super) fn counting(ask: &Ask, id: String, now: i64) -> (String, Vec<Value>) {
    let figures = Figures::of(ask.limit);
    let (row, before) = rows(ask, now);
    let mut values: Vec<Value> = vec![id.into(), row.into(), now.into()];
    let sql = match ask.limit.algorithm {
        Algorithm::Fixed => {
            values.extend([figures.window, figures.max].map(Value::from));
            FIXED.to_owned()
        }
        Algorithm::Sliding => {
            let (_, rest) = figures.slot(now);
            values.push(before.unwrap_or_default().into());
            values
                .extend([rest, figures.window, figures.max.saturating_mul(figures.window)].map(Value::from));
            SLIDING.to_owned()
        }
        Algorithm::TokenBucket { .. } => {
            let window = (figures.window / 1000).max(1);
            values.extend([figures.max, window, figures.extra, TOKEN].map(Value::from));
            TOKEN_BUCKET.replace("taken", TAKEN)
        }
        Algorithm::Growing { .. } => {
            let memory = ask.limit.memory_millis();
            let doublings = figures.doublings();
            values.extend([memory, figures.max, figures.window, doublings, figures.extra].map(Value::from));
            GROWING.to_owned()
        }
    };
    (sql, values)
}
