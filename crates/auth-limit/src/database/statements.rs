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
RETURNING CAST("count" AS BIGINT) AS "n", "lastRequest" AS "last""#;

/// Each part of the window has a row. `others` stands for what the other parts hold, `$4` is the limit.
const SLIDING: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest")
SELECT $1, $2, 1, CAST($3 AS BIGINT) WHERE others < $4
ON CONFLICT ("key") DO UPDATE SET "count" = "rateLimit"."count" + 1, "lastRequest" = excluded."lastRequest"
WHERE others + "rateLimit"."count" < $4
RETURNING CAST("count" + others AS BIGINT) AS "n", "lastRequest" AS "last""#;

const OTHERS: &str = r#"(SELECT CAST(COALESCE(SUM(b."count"), 0) AS BIGINT) FROM "rateLimit" AS b
  WHERE b."key" IN ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14))"#;

/// `taken` stands for what is taken out of the bucket by now. `$4` is the limit, `$5` the window in
/// seconds, `$6` what the bucket holds, `$7` a token.
const TOKEN_BUCKET: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest") VALUES ($1, $2, $7, $3)
ON CONFLICT ("key") DO UPDATE SET
  "count" = taken + $7,
  "lastRequest" = CASE WHEN excluded."lastRequest" < "rateLimit"."lastRequest" THEN "rateLimit"."lastRequest"
    ELSE excluded."lastRequest" END
WHERE taken + $7 <= $6
RETURNING CAST("count" AS BIGINT) AS "n", "lastRequest" AS "last""#;

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
RETURNING CAST("count" AS BIGINT) AS "n", "lastRequest" AS "last""#;

/// The rows of a counter, with the numbers of the parts that they are of a sliding window; the one that is
/// counted on comes last.
pub(super) fn rows(ask: &Ask, now: i64) -> Vec<(i64, String)> {
    if ask.limit.algorithm != Algorithm::Sliding {
        return vec![(0, ask.name())];
    }
    let row = |part: i64| (part, format!("{}{part}|{}", ask.limit.mark(), ask.key));
    Figures::of(ask.limit).parts(now).map(row).collect()
}

/// The statement that counts a request, and its values.
pub(super) fn counting(ask: &Ask, id: String, now: i64) -> (String, Vec<Value>) {
    let figures = Figures::of(ask.limit);
    let mut rows = rows(ask, now);
    let row = rows.pop().map(|(_, row)| row);
    let mut values: Vec<Value> = vec![id.into(), row.into(), now.into()];
    let sql = match ask.limit.algorithm {
        Algorithm::Fixed => {
            values.extend([figures.window, figures.max].map(Value::from));
            FIXED.to_owned()
        }
        Algorithm::Sliding => {
            values.push(figures.max.into());
            values.extend(rows.into_iter().map(|(_, row)| Value::from(row)));
            SLIDING.replace("others", OTHERS)
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
