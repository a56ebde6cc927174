// Makes a database on the PostgreSQL that it is told of, and prints where it is.
import pg from 'pg';

const admin = process.argv[2];
const name = `load_${process.pid}_${Date.now()}`;
const client = new pg.Client({ connectionString: admin });
await client.connect();
await client.query(`CREATE DATABASE ${name}`);
await client.end();
const url = new URL(admin);
url.pathname = `/${name}`;
console.log(url.href);
