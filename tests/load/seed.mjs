// Fills a database that the server made with users, each with an account and a session.
//   node seed.mjs <sqlite file> <users> <address of a user to copy>
import Database from 'better-sqlite3';

const [file, users, address] = process.argv.slice(2);
const db = new Database(file);
db.pragma('synchronous = OFF');

/** Copies a row many times, with new values in some columns (expressions of `n`). */
function copies(table, column, value, fresh) {
  const names = db.pragma(`table_info("${table}")`).map((info) => info.name);
  const given = names.map((name) => fresh[name] ?? `"${table}"."${name}"`);
  db.prepare(`
    with recursive counter(n) as (select 1 union all select n + 1 from counter where n < ?)
    insert into "${table}" (${names.map((name) => `"${name}"`).join(', ')})
    select ${given.join(', ')} from counter cross join (select * from "${table}" where "${column}" = ? limit 1) as "${table}"
  `).run(Number(users), value);
}

const { id } = db.prepare('select id from user where email = ?').get(address);
db.transaction(() => {
  copies('user', 'id', id, { id: "'seed-' || n", email: "'seed-' || n || '@load.test'" });
  copies('account', 'userId', id, { id: "'seed-' || n", userId: "'seed-' || n", accountId: "'seed-' || n" });
  // Where the user is in an organization, everybody joins it, one after the other.
  const joined = db.prepare("select 1 from sqlite_master where name = 'member'").get()
    && db.prepare('select id from member where userId = ? order by createdAt limit 1').pluck().get(id);
  if (joined) {
    const createdAt = db.pragma('table_info("member")').find((info) => info.name === 'createdAt').type.toLowerCase();
    copies('member', 'id', joined, {
      id: "'seed-' || n", userId: "'seed-' || n", role: "'member'",
      ...(createdAt.includes('int') ? { createdAt: '"member"."createdAt" + n' } : {}),
    });
  }
  copies('session', 'userId', id, { id: "'seed-' || n", userId: "'seed-' || n", token: "'seed-' || n" });
})();
db.pragma('wal_checkpoint(TRUNCATE)');
db.exec('analyze');
console.log(`${db.prepare('select count(*) from user').pluck().get()} users`);
