create table "tessera_migrations_core" (
  "id" text not null primary key,
  "statements" integer not null,
  "appliedAt" timestamptz not null
);
create table "user" (
  "id" text not null primary key,
  "name" text not null,
  "email" text not null unique,
  "emailVerified" boolean not null,
  "image" text,
  "createdAt" timestamptz not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamptz not null default CURRENT_TIMESTAMP
);
create table "session" (
  "id" text not null primary key,
  "expiresAt" timestamptz not null,
  "token" text not null unique,
  "createdAt" timestamptz not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null references "user" ("id") on delete cascade
);
create table "account" (
  "id" text not null primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null references "user" ("id") on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  "scope" text,
  "password" text,
  "createdAt" timestamptz not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamptz not null
);
create table "verification" (
  "id" text not null primary key,
  "identifier" text not null,
  "value" text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamptz not null default CURRENT_TIMESTAMP
);
create table "rateLimit" (
  "id" text not null primary key,
  "key" text not null unique,
  "count" integer not null,
  "lastRequest" bigint not null
);
create table "tessera_lease" (
  "name" text not null primary key,
  "holder" text not null,
  "until" timestamptz not null
);
create index concurrently "idx_users_created_at" on "user" ("createdAt");
create index concurrently "idx_sessions_user_id" on "session" ("userId");
create index concurrently "idx_sessions_expires_at" on "session" ("expiresAt");
create index concurrently "idx_accounts_user_id" on "account" ("userId");
create index concurrently "idx_verifications_identifier" on "verification" ("identifier");
create index concurrently "idx_verifications_expires_at" on "verification" ("expiresAt");
