// Two people in an organization, with the official client, unmodified.
import assert from 'node:assert/strict';
import { organizationClient } from 'better-auth/client/plugins';
import { browser, data, letter, refused, scratch, startTessera, steps } from './lib.mjs';

const folder = scratch();
const server = await startTessera({ folder, options: { plugins: ['organization'], dynamicRoles: true } });
const { step, end } = steps('organizations with the official client');
const person = (name) => browser(server.base, name, [organizationClient({ teams: { enabled: true } })]);
const [ada, bob, eve] = ['ada', 'bob', 'eve'].map(person);
const address = (who) => `${who}@organizations.test`;
const made = {};

for (const [name, { client }] of Object.entries({ ada, bob, eve })) {
  await data(client.signUp.email({ name, email: address(name), password: 'a long enough secret 1' }));
}

await step('makes an organization and works in it', async () => {
  assert.equal((await data(ada.client.organization.checkSlug({ slug: 'acme' }))).status, true);
  made.acme = await data(ada.client.organization.create({ name: 'Acme', slug: 'acme', metadata: { tier: 'gold' } }));
  assert.deepEqual([made.acme.members[0].role, made.acme.metadata], ['owner', { tier: 'gold' }]);
  assert.ok(made.acme.createdAt instanceof Date);
  assert.equal((await data(ada.client.getSession())).session.activeOrganizationId, made.acme.id);
  await refused(bob.client.organization.create({ name: 'Acme', slug: 'acme' }), 400, 'ORGANIZATION_ALREADY_EXISTS');
});
await step('invites, and the letter has the invitation', async () => {
  made.invitation = await data(ada.client.organization.inviteMember({ email: address('bob'), role: 'member' }));
  const { id, role, organization, inviter } = await letter(server.outbox, 'invitation', address('bob'));
  assert.deepEqual([id, role, organization, inviter], [made.invitation.id, 'member', 'acme', address('ada')]);
});
await step('somebody else cannot accept', () =>
  refused(eve.client.organization.acceptInvitation({ invitationId: made.invitation.id }), 403, 'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION'));
await step('the invited sees it and accepts', async () => {
  const shown = await data(bob.client.organization.getInvitation({ query: { id: made.invitation.id } }));
  assert.deepEqual([shown.organizationName, shown.inviterEmail], ['Acme', address('ada')]);
  const { invitation, member } = await data(bob.client.organization.acceptInvitation({ invitationId: made.invitation.id }));
  assert.deepEqual([invitation.status, member.role], ['accepted', 'member']);
  made.bob = member;
  const full = await data(bob.client.organization.getFullOrganization());
  assert.deepEqual([full.members.length, full.invitations, full.teams.length], [2, [], 1]);
});
await step('another invitation is rejected, a third one canceled', async () => {
  const invite = () => data(ada.client.organization.inviteMember({ email: address('eve'), role: 'admin' }));
  const { invitation } = await data(eve.client.organization.rejectInvitation({ invitationId: (await invite()).id }));
  assert.equal(invitation.status, 'rejected');
  const third = await invite();
  assert.equal((await data(ada.client.organization.cancelInvitation({ invitationId: third.id }))).status, 'canceled');
  await refused(eve.client.organization.acceptInvitation({ invitationId: third.id }), 400, 'INVITATION_NOT_FOUND');
  const states = (await data(ada.client.organization.listInvitations())).map((row) => row.status).sort();
  assert.deepEqual(states, ['accepted', 'canceled', 'rejected']);
});

const MATRIX = {
  organization: ['update', 'delete'], member: ['create', 'update', 'delete'], invitation: ['create', 'cancel'],
  team: ['create', 'update', 'delete'], ac: ['create', 'read', 'update', 'delete'],
};
const PAIRS = Object.entries(MATRIX).flatMap(([resource, actions]) => actions.map((action) => ({ [resource]: [action] })));
for (const role of ['member', 'admin', 'owner']) {
  await step(`what the client thinks of the role ${role} is what the server says`, async () => {
    await data(ada.client.organization.updateMemberRole({ memberId: made.bob.id, role }));
    for (const permissions of [...PAIRS, { ...MATRIX }, { ac: ['read'], team: ['create'] }]) {
      const thought = bob.client.organization.checkRolePermission({ permissions, role });
      const { success } = await data(bob.client.organization.hasPermission({ permissions }));
      assert.equal(success, thought, JSON.stringify(permissions));
    }
    const requests = PAIRS.map((permissions) => ({ permissions }));
    const { answers } = await data(bob.client.$fetch('/organization/has-permissions', { method: 'POST', body: { requests } }));
    assert.deepEqual(answers, PAIRS.map((permissions) => bob.client.organization.checkRolePermission({ permissions, role })));
  });
}
await step('a role of its own', async () => {
  const { roleData } = await data(ada.client.organization.createRole({ role: 'Recruiter', permission: { invitation: ['create'] } }));
  assert.deepEqual([roleData.role, roleData.permission], ['recruiter', { invitation: ['create'] }]);
  await data(ada.client.organization.updateMemberRole({ memberId: made.bob.id, role: 'recruiter' }));
  const may = async (permissions) => (await data(bob.client.organization.hasPermission({ permissions }))).success;
  assert.deepEqual([await may({ invitation: ['create'] }), await may({ invitation: ['cancel'] })], [true, false]);
  await refused(ada.client.organization.deleteRole({ roleName: 'recruiter' }), 400, 'ROLE_IS_ASSIGNED_TO_MEMBERS');
  await data(ada.client.organization.updateMemberRole({ memberId: made.bob.id, role: 'member' }));
  assert.equal((await data(ada.client.organization.deleteRole({ roleName: 'recruiter' }))).success, true);
  assert.deepEqual(await data(ada.client.organization.listRoles()), []);
});
await step('a team', async () => {
  const team = await data(ada.client.organization.createTeam({ name: 'Blue' }));
  const { user } = await data(bob.client.getSession());
  assert.equal((await data(ada.client.organization.addTeamMember({ teamId: team.id, userId: user.id }))).userId, user.id);
  assert.equal((await data(bob.client.organization.setActiveTeam({ teamId: team.id }))).id, team.id);
  assert.deepEqual((await data(bob.client.organization.listTeamMembers())).map((row) => row.userId), [user.id]);
  assert.deepEqual((await data(bob.client.organization.listUserTeams())).map((row) => row.name), ['Blue']);
  await data(ada.client.organization.removeTeam({ teamId: team.id }));
  assert.deepEqual(await data(bob.client.organization.listUserTeams()), []);
});
await step('an only owner stays, until another one is there', async () => {
  const only = 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER';
  await refused(ada.client.organization.leave({ organizationId: made.acme.id }), 400, only);
  const body = { memberId: made.bob.id };
  const { owner, member } = await data(ada.client.$fetch('/organization/transfer-ownership', { method: 'POST', body }));
  assert.deepEqual([owner.role, member.role], ['owner,member', 'admin']);
  await data(ada.client.organization.leave({ organizationId: made.acme.id }));
  await refused(ada.client.organization.delete({ organizationId: made.acme.id }), 400, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
  assert.equal((await data(bob.client.organization.delete({ organizationId: made.acme.id }))).id, made.acme.id);
  assert.deepEqual(await data(bob.client.organization.list()), []);
});

await server.stop();
end();
