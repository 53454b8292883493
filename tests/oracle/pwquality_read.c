/* Prints what libpwquality itself makes of a configuration, for pwquality_oracle.py.
 *
 *   pwquality_read CONF [OPTION...]
 *
 * Reads CONF.d/ and CONF as pam_pwquality does, applies the module's options, and prints "key value" for every setting.
 * Each line of standard input is then a password; for each one prints "accepted" or "refused", judged by length and
 * classes alone (the other checks are switched off). */
#include <pwquality.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct setting {
	const char *name;
	int id;
	bool text;
	bool other_check; /* neither length nor classes */
};

static const struct setting settings[] = {
        {"difok", PWQ_SETTING_DIFF_OK, false, false},
        {"minlen", PWQ_SETTING_MIN_LENGTH, false, false},
        {"dcredit", PWQ_SETTING_DIG_CREDIT, false, false},
        {"ucredit", PWQ_SETTING_UP_CREDIT, false, false},
        {"lcredit", PWQ_SETTING_LOW_CREDIT, false, false},
        {"ocredit", PWQ_SETTING_OTH_CREDIT, false, false},
        {"minclass", PWQ_SETTING_MIN_CLASS, false, false},
        {"maxrepeat", PWQ_SETTING_MAX_REPEAT, false, true},
        {"maxclassrepeat", PWQ_SETTING_MAX_CLASS_REPEAT, false, true},
        {"maxsequence", PWQ_SETTING_MAX_SEQUENCE, false, true},
        {"gecoscheck", PWQ_SETTING_GECOS_CHECK, false, true},
        {"dictcheck", PWQ_SETTING_DICT_CHECK, false, true},
        {"usercheck", PWQ_SETTING_USER_CHECK, false, true},
        {"usersubstr", PWQ_SETTING_USER_SUBSTR, false, true},
        {"enforcing", PWQ_SETTING_ENFORCING, false, false},
        {"retry", PWQ_SETTING_RETRY_TIMES, false, false},
        {"enforce_for_root", PWQ_SETTING_ENFORCE_ROOT, false, false},
        {"local_users_only", PWQ_SETTING_LOCAL_USERS, false, false},
        {"badwords", PWQ_SETTING_BAD_WORDS, true, true},
        {"dictpath", PWQ_SETTING_DICT_PATH, true, false},
};

#define N_SETTINGS (sizeof settings / sizeof settings[0])

/* The arguments that pam_pwquality.c takes for itself before it asks the library. */
static bool is_for_the_module(const char *option)
{
	static const char *const own[] = {"type=",       "difignore=",     "reject_username", "authtok_type",
	                                  "use_authtok", "use_first_pass", "try_first_pass"};

	if (strcmp(option, "debug") == 0)
		return true;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strncmp(option, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}

static void print_settings(pwquality_settings_t *pwq)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting *s = &settings[i];
		const char *text = NULL;
		int number = 0;

		if (s->text) {
			pwquality_get_str_value(pwq, s->id, &text);
			printf("%s %s\n", s->name, text ? text : "");
		} else {
			pwquality_get_int_value(pwq, s->id, &number);
			printf("%s %d\n", s->name, number);
		}
	}
}

static void judge_passwords(pwquality_settings_t *pwq)
{
	char line[4096];

	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (!settings[i].other_check)
			continue;
		if (settings[i].text)
			pwquality_set_str_value(pwq, settings[i].id, NULL);
		else
			pwquality_set_int_value(pwq, settings[i].id, 0);
	}
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		puts(pwquality_check(pwq, line, NULL, NULL, NULL) < 0 ? "refused" : "accepted");
	}
}

int main(int argc, char **argv)
{
	pwquality_settings_t *pwq = pwquality_default_settings();

	if (argc < 2 || !pwq) {
		fputs("usage: pwquality_read CONF [OPTION...] < passwords\n", stderr);
		pwquality_free_settings(pwq);
		return 2;
	}
	/* As the module does: an error ends the reading, what was set before it stays. */
	pwquality_read_config(pwq, argv[1], NULL);
	for (int i = 2; i < argc; i++)
		if (!is_for_the_module(argv[i]))
			pwquality_set_option(pwq, argv[i]);
	print_settings(pwq);
	judge_passwords(pwq);
	pwquality_free_settings(pwq);
	return 0;
}
