/* Fleets: a folder of exports, with an optional fleet.yml. */
#ifndef KJ_EXPORT_FLEET_H
#define KJ_EXPORT_FLEET_H

#include "export/export.h"

/* One subject to scan, known before its export is opened. */
struct kj_subject {
	kj_str name;
	kj_str path;                        /* of its export on this machine */
	kj_str role;                        /* empty: none given */
	kj_str kind, platform, owner;       /* what fleet.yml says of it; empty: nothing */
	const struct kj_node *interfaces;   /* map interface → zones behind it; NULL: not told */
	const struct kj_fleet *fleet;       /* the fleet it belongs to; NULL: none */
	bool organisation; /* what the fleet's folder holds for all hosts: registers and records; `path` is the fleet's */
	const struct kj_memory_file *files; /* an export held in memory instead of a path; NULL: none */
	size_t file_count;
	const struct kj_node *params[3]; /* maps NAME: value of fleet.yml for the fleet, its role and the host; NULL:
	                                    none. The later wins. */
};

/* fleet.yml:
     kijun: 1
     organisation: {name: "Example Ltd.", owner: "…"}                              what the subject of registers/ and records/ is called
     zones:  {office: [192.0.2.0/24, 2001:db8:1::/48], service: [10.0.0.0/8]}      `internet` is what is in no zone; it may be given
     params: {lock_after: 5m}
     services: {mgmt: [ssh, 10050/tcp]}                                            named lists of services for `exposure` checks
     roles:  {web: {about: {en, ja}, services: {internet: [https], office: [ssh]}, params: {…}}}
     hosts:  {web01: {path: web01, role: web, kind: host, platform: linux, owner: "…", params: {…}}}   host names may be globs: web*
             interfaces: {eth0: [internet], eth1: [service, mgmt]}                  of a host: the zones whose packets come and go there
     waivers: [{rule: ID, item: 6-4, hosts: [web*], reason: "…", approver: "…", expires: 2027-03-31}]  one of rule, item
   A host's field comes from the entry of its very name, else from the first glob that matches and gives the field.
*/
struct kj_zone {
	kj_str name;
	const struct kj_range *ranges;
	size_t n;
};

struct kj_waiver {
	kj_str rule, item; /* one of them */
	const kj_str *hosts;
	size_t host_count; /* 0: all */
	kj_str reason, approver;
	kj_str expires; /* YYYY-MM-DD, UTC: the last day it holds */
	struct kj_span span;
	size_t index;
};

struct kj_fleet {
	kj_str root;
	struct kj_text text; /* fleet.yml; empty when there is none */
	const struct kj_node *doc;
	const struct kj_zone *zones;
	size_t zone_count;
	const struct kj_waiver *waivers;
	size_t waiver_count;
	const struct kj_node *roles;    /* map role → {services: {zone: [service]}, params} */
	const struct kj_node *params;   /* of the fleet */
	const struct kj_node *services; /* map name → list of services */
	const struct kj_node *exports;  /* of a policy's example: the names of the fleet's hosts; NULL: none */
};

struct kj_subjects {
	KJ_VEC(struct kj_subject) list; /* sorted by name; two exports of one name: an error */
	KJ_VEC(const struct kj_fleet *) fleets;
};

/* Adds what `path` holds: a host folder, a fleet folder (fleet.yml, or children that are exports while it is none
   itself), or one dump file. In a fleet every folder is a host, except hidden ones, registers/, records/ and approved/.
   False when there was an error (in diags); what could be added was added. */
bool kj_fleet_open(struct kj_arena *arena, kj_str path, const struct kj_export_limits *limits,
                   struct kj_subjects *subjects, struct kj_diags *diags);
/* To be called once all were added: sorts, finds double names. */
bool kj_subjects_finish(struct kj_arena *arena, struct kj_subjects *subjects, struct kj_diags *diags);

/* Opens the subject's export and applies what fleet.yml says of it. As kj_export_open. */
struct kj_export *kj_subject_open(struct kj_arena *arena, const struct kj_subject *subject,
                                  const struct kj_export_limits *limits, struct kj_diags *diags);

/* The `fleet` of a policy's example: zones, services, roles, params and waivers as in fleet.yml, and the one host's own role, kind, platform and interfaces beside
   them.
   Fills the subject; false when there was an error (in diags). */
bool kj_fleet_example(struct kj_arena *arena, const struct kj_node *map, struct kj_subject *subject,
                      struct kj_diags *diags);

/* The zone of that name, or NULL. */
const struct kj_zone *kj_fleet_zone(const struct kj_fleet *fleet, kj_str name);

#endif
