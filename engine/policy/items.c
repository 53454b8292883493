/* The items of the questionnaire. */
#include "policy/policy.h"

#define ITEM(id_, en_, ja_)                                                                                            \
	{                                                                                                              \
		KJ_STR_INIT(id_),                                                                                      \
		{                                                                                                      \
			KJ_STR_INIT(en_), KJ_STR_INIT(ja_)                                                             \
		}                                                                                                      \
	}

static const struct kj_item items[] = {
        ITEM("1-1", "Running information security", "情報セキュリティの運営体制"),
        ITEM("1-2", "Basic policy on information security", "情報セキュリティの基本方針"),
        ITEM("1-3", "Independent review", "独立した立場での見直し"),
        ITEM("2-1", "Employment contracts", "雇用契約での機密保持"),
        ITEM("2-2", "Education and training", "教育と訓練"),
        ITEM("2-3", "Access rights of people", "人に与えるアクセス権限"),
        ITEM("2-4", "Confidentiality after leaving", "退職後の秘密保持"),
        ITEM("3-1", "Office and entry control", "執務場所と入退室の管理"),
        ITEM("3-2", "Devices that are carried", "持ち出す機器と情報の管理"),
        ITEM("3-3", "Disposal", "廃棄の管理"),
        ITEM("3-4", "Disasters", "災害への備え"),
        ITEM("4-1", "Security requirements of systems", "システムのセキュリティ要件"),
        ITEM("4-2", "Encryption", "暗号化"),
        ITEM("4-3", "Development and maintenance", "開発と保守のプロセス"),
        ITEM("4-4", "Gathering security news", "セキュリティ情報の収集"),
        ITEM("5-1", "Mail", "メールの取扱い"),
        ITEM("5-2", "Change management", "変更の管理"),
        ITEM("5-3", "Performance monitoring", "性能と稼働の監視"),
        ITEM("5-4", "Malware", "マルウェア対策"),
        ITEM("5-5", "Backups", "バックアップ"),
        ITEM("5-6", "Network protection", "ネットワークの防御"),
        ITEM("5-7", "External media", "外部媒体の管理"),
        ITEM("5-8", "Attacks from outside", "外部からの攻撃の検知と対処"),
        ITEM("5-9", "Maintenance records", "メンテナンスの記録"),
        ITEM("5-10", "Fault records", "障害の記録"),
        ITEM("5-11", "Customer data in the service", "サービス設備にある顧客データの管理"),
        ITEM("6-1", "Privileged accounts", "特権 ID の管理"),
        ITEM("6-2", "Review of access rights", "アクセス権の定期的な見直し"),
        ITEM("6-3", "Access between office and service networks", "社内網とサービス網のアクセス制御"),
        ITEM("6-4", "Firewall access policy", "ファイアウォールの通信許可方針"),
        ITEM("6-5", "Passwords", "パスワードの強度"),
        ITEM("6-6", "Clear screen", "離席時の画面ロック"),
        ITEM("7-1", "Incident reports and improvement", "インシデントの報告と改善"),
        ITEM("7-2", "Keeping evidence", "証拠となるログの保存"),
        ITEM("7-3", "Business continuity", "事業継続の計画と訓練"),
        ITEM("8-1", "Personal data", "個人情報の取扱い"),
};
enum { ITEMS = sizeof items / sizeof *items };

const struct kj_item *kj_items(size_t *n)
{
	*n = ITEMS;
	return items;
}

const struct kj_item *kj_item_find(kj_str id)
{
	for (size_t i = 0; i < ITEMS; i++) {
		if (kj_str_eq(items[i].id, id))
			return &items[i];
	}
	return NULL;
}
