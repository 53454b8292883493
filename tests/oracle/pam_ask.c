/* Asks the real libpam, inside a tree that holds its configuration and modules, for pam_oracle.py (root).
 *
 *   pam_ask ROOT walk SERVICE TYPE RUNS CODE...     every way through a stack of pam_probe.so
 *   pam_ask ROOT passwd SERVICE USER UID OLD        a password change for each line of standard input
 *   pam_ask ROOT login SERVICE USER                 an authentication for each line of standard input: the password
 *
 * walk prints a line a run: the result, then "name:code" for each call; "..." when there were more than RUNS. The codes
 * are what the modules return, all combinations of them.
 * passwd: a line holds, with tabs between, the new passwords that the user types one after the other. /etc/shadow
 * and opasswd are put back before each. It prints the result and the number of the password that was stored (from 1; 0: none), and its hash.
 * login prints the result. */
#define _GNU_SOURCE
#include <crypt.h>
#include <dlfcn.h>
#include <errno.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of pam_modules.h, which programs do not include. */
enum { UPDATE_AUTHTOK = 0x2000 };

enum { CALLS_MAX = 64, TRIES_MAX = 16, LINE_BYTES = 4096 };

/* ---- walk ---- */

static struct {
	int codes[32];
	int count;
	int choice[CALLS_MAX]; /* index into codes, by number of the call */
	const char *name[CALLS_MAX];
	int calls;
	bool updating;
} way;

int pam_ask_next(const char *name, int flags);
int pam_ask_next(const char *name, int flags)
{
	/* a change of a password has two passes: the second is to go the same way */
	if (flags & UPDATE_AUTHTOK && !way.updating) {
		way.updating = true;
		way.calls = 0;
	}
	if (way.calls == CALLS_MAX)
		return PAM_ABORT;
	way.name[way.calls] = strdup(name);
	return way.codes[way.choice[way.calls++]];
}

static int refuse(int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
	(void)n, (void)messages, (void)responses, (void)data;
	return PAM_CONV_ERR;
}

static void no_delay(int status, unsigned usec, void *data)
{
	(void)status, (void)usec, (void)data;
}

static int call_type(pam_handle_t *pamh, const char *type)
{
	if (strcmp(type, "auth") == 0)
		return pam_authenticate(pamh, 0);
	if (strcmp(type, "account") == 0)
		return pam_acct_mgmt(pamh, 0);
	if (strcmp(type, "password") == 0)
		return pam_chauthtok(pamh, 0);
	return pam_open_session(pamh, 0);
}

static void run_once(const char *service, const char *type)
{
	struct pam_conv conv = {refuse, NULL};
	pam_handle_t *pamh = NULL;
	way.calls = 0;
	way.updating = false;
	if (pam_start(service, "tester", &conv, &pamh) != PAM_SUCCESS)
		exit(3);
	printf("%d", call_type(pamh, type));
	for (int i = 0; i < way.calls; i++)
		printf(" %s:%d", way.name[i], way.codes[way.choice[i]]);
	printf("\n");
	pam_end(pamh, PAM_SUCCESS);
	for (int i = 0; i < way.calls; i++)
		free((void *)(size_t)way.name[i]);
}

/* The next combination: only codes of calls that were made matter. */
static bool next_way(void)
{
	for (int i = way.calls; i < CALLS_MAX; i++)
		way.choice[i] = 0;
	for (int i = way.calls - 1; i >= 0; i--) {
		if (++way.choice[i] < way.count)
			return true;
		way.choice[i] = 0;
	}
	return false;
}

static int walk(char **args, int n)
{
	int runs = atoi(args[2]);
	void *kept = dlopen("/lib/security/pam_probe.so", RTLD_NOW);
	for (int i = 3; i < n && way.count < 32; i++)
		way.codes[way.count++] = atoi(args[i]);
	do {
		if (runs-- == 0) {
			puts("...");
			break;
		}
		run_once(args[0], args[1]);
	} while (next_way());
	return kept ? 0 : 3;
}

/* ---- passwords ---- */

struct user {
	const char *old;
	char *tries[TRIES_MAX];
	int count, at; /* at: tries taken */
};

static char *answer(struct user *user, const char *prompt)
{
	if (strcasestr(prompt, "current") || (strcasestr(prompt, "password:") && !strcasestr(prompt, "new")))
		return strdup(user->old);
	if (!strcasestr(prompt, "retype") && !strcasestr(prompt, "re-type"))
		user->at++;
	return user->at <= user->count ? strdup(user->tries[user->at - 1]) : NULL;
}

static int converse(int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
	struct pam_response *all = calloc((size_t)n, sizeof *all);
	bool known = all != NULL;
	for (int i = 0; known && i < n; i++) {
		int style = messages[i]->msg_style;
		if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON) {
			if (getenv("PAM_ASK_TALK"))
				fprintf(stderr, "  %s\n", messages[i]->msg);
			continue;
		}
		all[i].resp = answer(data, messages[i]->msg);
		known = all[i].resp != NULL;
	}
	if (!known) {
		free(all);
		return PAM_CONV_ERR;
	}
	*responses = all;
	return PAM_SUCCESS;
}

static bool copy_file(const char *from, const char *to)
{
	char bytes[65536];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	bool good = in && out;
	if (good)
		fwrite(bytes, 1, fread(bytes, 1, sizeof bytes, in), out);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return good;
}

/* The user's hash in /etc/shadow. */
static void read_hash(const char *name, char *hash, size_t size)
{
	char line[1024];
	FILE *in = fopen("/etc/shadow", "r");
	hash[0] = '\0';
	while (in && fgets(line, sizeof line, in)) {
		size_t n = strlen(name);
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			snprintf(hash, size, "%.*s", (int)strcspn(line + n + 1, ":\n"), line + n + 1);
	}
	if (in)
		fclose(in);
}

static int change(const char *service, const char *name, int uid, struct user *user)
{
	struct pam_conv conv = {converse, user};
	pam_handle_t *pamh = NULL;
	if (setresuid((uid_t)uid, 0, 0) || pam_start(service, name, &conv, &pamh) != PAM_SUCCESS)
		return 100;
	pam_set_item(pamh, PAM_FAIL_DELAY, (void *)(size_t)no_delay);
	int result = pam_chauthtok(pamh, 0);
	pam_end(pamh, result);
	return result;
}

static int stored(const struct user *user, const char *before, const char *after)
{
	if (strcmp(before, after) == 0)
		return 0;
	for (int i = 0; i < user->count; i++) {
		const char *hash = crypt(user->tries[i], after);
		if (hash && strcmp(hash, after) == 0)
			return i + 1;
	}
	return -1;
}

static int passwd(char **args)
{
	char line[LINE_BYTES], before[512], after[512];
	if (!copy_file("/etc/shadow", "/etc/shadow.kept") ||
	    !copy_file("/etc/security/opasswd", "/etc/security/opasswd.kept"))
		return 3;
	read_hash(args[1], before, sizeof before);
	while (fgets(line, sizeof line, stdin)) {
		struct user user = {.old = args[3]};
		line[strcspn(line, "\n")] = '\0';
		for (char *rest = line, *word; (word = strsep(&rest, "\t")) && user.count < TRIES_MAX;)
			user.tries[user.count++] = word;
		copy_file("/etc/shadow.kept", "/etc/shadow");
		copy_file("/etc/security/opasswd.kept", "/etc/security/opasswd");
		pid_t child = fork();
		if (child == 0)
			_exit(change(args[0], args[1], atoi(args[2]), &user));
		int status = 0;
		waitpid(child, &status, 0);
		read_hash(args[1], after, sizeof after);
		printf("%d %d %s\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, stored(&user, before, after), after);
	}
	return 0;
}

static int login(char **args)
{
	char line[LINE_BYTES];
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		struct user user = {.old = line};
		struct pam_conv conv = {converse, &user};
		pam_handle_t *pamh = NULL;
		if (pam_start(args[0], args[1], &conv, &pamh) != PAM_SUCCESS)
			return 3;
		pam_set_item(pamh, PAM_FAIL_DELAY, (void *)(size_t)no_delay);
		int result = pam_authenticate(pamh, 0);
		if (result == PAM_SUCCESS) /* as a program does: some modules forget failures there */
			pam_acct_mgmt(pamh, 0);
		printf("%d\n", result);
		pam_end(pamh, result);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fputs("usage: pam_ask ROOT walk|passwd|login SERVICE …\n", stderr);
		return 2;
	}
	/* what modules need later must be there before the root changes */
	crypt("x", "$6$x");
	if (chroot(argv[1]) || chdir("/")) {
		perror("pam_ask: chroot");
		return 2;
	}
	if (strcmp(argv[2], "walk") == 0 && argc > 6)
		return walk(argv + 3, argc - 3);
	if (strcmp(argv[2], "passwd") == 0 && argc == 7)
		return passwd(argv + 3);
	if (strcmp(argv[2], "login") == 0 && argc == 5)
		return login(argv + 3);
	return 2;
}
