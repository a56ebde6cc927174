create table `tessera_migrations_core` (
  `id` varchar(255) not null primary key,
  `statements` integer not null,
  `appliedAt` timestamp(3) not null
);
create table `user` (
  `id` varchar(255) not null primary key,
  `name` text not null,
  `email` varchar(255) not null unique,
  `emailVerified` boolean not null,
  `image` text,
  `createdAt` timestamp(3) not null default CURRENT_TIMESTAMP(3),
  `updatedAt` timestamp(3) not null default CURRENT_TIMESTAMP(3)
);
create table `session` (
  `id` varchar(255) not null primary key,
  `expiresAt` timestamp(3) not null,
  `token` varchar(255) not null unique,
  `createdAt` timestamp(3) not null default CURRENT_TIMESTAMP(3),
  `updatedAt` timestamp(3) not null,
  `ipAddress` text,
  `userAgent` text,
  `userId` varchar(36) not null,
  foreign key (`userId`) references `user` (`id`) on delete cascade
);
create table `account` (
  `id` varchar(255) not null primary key,
  `accountId` text not null,
  `providerId` text not null,
  `userId` varchar(36) not null,
  `accessToken` text,
  `refreshToken` text,
  `idToken` text,
  `accessTokenExpiresAt` timestamp(3) null,
  `refreshTokenExpiresAt` timestamp(3) null,
  `scope` text,
  `password` text,
  `createdAt` timestamp(3) not null default CURRENT_TIMESTAMP(3),
  `updatedAt` timestamp(3) not null,
  foreign key (`userId`) references `user` (`id`) on delete cascade
);
create table `verification` (
  `id` varchar(255) not null primary key,
  `identifier` varchar(255) not null,
  `value` text not null,
  `expiresAt` timestamp(3) not null,
  `createdAt` timestamp(3) not null default CURRENT_TIMESTAMP(3),
  `updatedAt` timestamp(3) not null default CURRENT_TIMESTAMP(3)
);
create table `rateLimit` (
  `id` varchar(255) not null primary key,
  `key` varchar(255) not null unique,
  `count` integer not null,
  `lastRequest` bigint not null
);
create table `tessera_lease` (
  `name` varchar(255) not null primary key,
  `holder` text not null,
  `until` timestamp(3) not null
);
create index `idx_users_created_at` on `user` (`createdAt`);
create index `idx_sessions_user_id` on `session` (`userId`);
create index `idx_sessions_expires_at` on `session` (`expiresAt`);
create index `idx_accounts_user_id` on `account` (`userId`);
create index `idx_verifications_identifier` on `verification` (`identifier`);
create index `idx_verifications_expires_at` on `verification` (`expiresAt`);
