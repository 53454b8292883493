#include "report/report.h"

static const struct kj_format formats[] = {
        {KJ_STR_INIT("json"), "the whole report for programs (include/kijun/report.schema.json)", kj_report_json},
        {KJ_STR_INIT("text"), "for people: worst first, with file, line, found, wanted and fix", kj_report_text},
};

const struct kj_format *kj_formats(size_t *n)
{
	*n = sizeof formats / sizeof *formats;
	return formats;
}

const struct kj_format *kj_format_find(kj_str name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (kj_str_eq(formats[i].name, name))
			return &formats[i];
	}
	return NULL;
}
