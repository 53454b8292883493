#include "eval/containers.h"

#include "eval/units.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* What Docker leaves on a host that runs it. */
static const kj_str paths[] = {
        KJ_STR_INIT("etc/docker"),
        KJ_STR_INIT("var/lib/docker"),
        KJ_STR_INIT("usr/bin/dockerd"),
        KJ_STR_INIT("usr/bin/docker-proxy"),
        KJ_STR_INIT("usr/libexec/docker/docker-proxy"),
};

/* Commands of which some name its processes, interfaces or packages. */
static const struct {
	const char *command, *word;
} captures[] = {
        {"ss -tulpn", "docker-proxy"}, {"netstat -tulpn", "docker-proxy"},
        {"ps aux", "dockerd"},         {"ps -ef", "dockerd"},
        {"ip addr", "docker0"},        {"ip a", "docker0"},
        {"ip -o addr", "docker0"},     {"ip route", "docker0"},
        {"dpkg -l", " docker.io "},    {"dpkg -l", " docker-ce "},
        {"rpm -qa", "docker-ce-"},     {"rpm -qa", "moby-engine-"},
};

bool kj_containers_seen(struct kj_case *c, struct kj_export *export)
{
	for (size_t i = 0; i < COUNT(paths); i++) {
		enum kj_presence presence;
		if (kj_export_find(export, paths[i], &presence))
			return true;
	}
	for (size_t i = 0; i < COUNT(captures); i++) {
		const struct kj_artifact *a = kj_export_command(export, kj_str_of(captures[i].command));
		if (a->state == KJ_ARTIFACT_OK &&
		    kj_str_find_str(a->text.bytes, kj_str_of(captures[i].word)) < a->text.bytes.n)
			return true;
	}
	return kj_unit_runs(c, export, "docker");
}
