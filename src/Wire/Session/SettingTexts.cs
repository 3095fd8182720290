using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Wire.Session;

/// <summary>Checks the values of settings that are texts.</summary>
internal static class SettingTexts
{
    private const int IdempotencyKeyMax = 255;
    private const string ListSyntax = "List syntax is invalid.";

    // The other encodings that PostgreSQL converts to (manual, table 24.1), as it compares their names.
    private static readonly FrozenSet<string> s_encodings = FrozenSet.ToFrozenSet(
    [
        "BIG5", "WIN950", "WINDOWS950", "EUCCN", "EUCJIS2004", "EUCJP", "EUCKR", "EUCTW", "GB18030", "GBK", "WIN936", "WINDOWS936",
        "ISO88595", "ISO88596", "ISO88597", "ISO88598", "JOHAB", "KOI8", "KOI8R", "KOI8U", "LATIN2", "ISO88592", "LATIN3", "ISO88593",
        "LATIN4", "ISO88594", "LATIN5", "ISO88599", "LATIN6", "ISO885910", "LATIN7", "ISO885913", "LATIN8", "ISO885914", "LATIN9", "ISO885915",
        "LATIN10", "ISO885916", "MULEINTERNAL", "MSKANJI", "SHIFTJIS", "SHIFTJIS2004", "SJIS", "UHC", "WIN949", "WINDOWS949",
        "WIN866", "ALT", "WIN874", "WIN1250", "WIN1251", "WIN", "WIN1252", "WIN1253", "WIN1254", "WIN1255", "WIN1256", "WIN1257", "WIN1258",
        "ABC", "TCVN", "TCVN5712", "VSCII", "WINDOWS866", "WINDOWS874", "WINDOWS1250", "WINDOWS1251", "WINDOWS1252", "WINDOWS1253",
        "WINDOWS1254", "WINDOWS1255", "WINDOWS1256", "WINDOWS1257", "WINDOWS1258",
    ]);

    private static readonly SearchValues<char> s_backtraceCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ,\n\t");

    private static readonly string[] s_resourceManagers =
    [
        "all", "heap2", "heap", "btree", "hash", "gin", "gist", "sequence", "spgist", "brin", "generic",
    ];

    // The text search configurations that a PostgreSQL has from the start.
    private static readonly FrozenSet<string> s_searchConfigurations = FrozenSet.ToFrozenSet(
    [
        "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hindi", "hungarian",
        "indonesian", "irish", "italian", "lithuanian", "nepali", "norwegian", "portuguese", "romanian", "russian", "serbian", "simple", "spanish",
        "swedish", "tamil", "turkish", "yiddish",
    ]);

    public static string Check(Setting setting, string value, ISettingSession? session) => setting.Name switch
    {
        "client_encoding" => CheckEncoding(setting, value),
        "DateStyle" when session is not null => CheckDateStyle(setting, value, session),
        "TimeZone" => CheckTimeZone(setting, value),
        "application_name" => CleanAscii(NameList.Truncate(value)),
        "role" when value != "none" => CheckRole(value, session),
        "session_authorization" => CheckRole(value, session),
        "search_path" or "local_preload_libraries" or "session_preload_libraries" => CheckList(setting, value, null),
        "wal_consistency_checking" => CheckList(setting, value, s_resourceManagers),
        "restrict_nonsystem_relation_kind" => CheckList(setting, value, ["view", "foreign-table"]),
        "temp_tablespaces" => CheckTablespaces(setting, value),
        "default_tablespace" => value is "" or "pg_default" or "pg_global" ? value
            : throw SettingValues.Invalid(setting.Name, value, detail: $"Tablespace \"{value}\" does not exist."),
        "default_table_access_method" => CheckAccessMethod(setting, value),
        "default_text_search_config" => CheckSearchConfiguration(setting, value),
        "backtrace_functions" => value.AsSpan().IndexOfAnyExcept(s_backtraceCharacters) < 0 ? value
            : throw SettingValues.Invalid(setting.Name, value, detail: "invalid character"),
        "lc_messages" => IsPlainLocale(value) || value.StartsWith("en_", StringComparison.Ordinal) ? value
            : throw SettingValues.Invalid(setting.Name, value),
        "lc_monetary" or "lc_numeric" or "lc_time" => value.Length == 0 || IsPlainLocale(value) ? value
            : throw SettingValues.Invalid(setting.Name, value),
        "timezone_abbreviations" => CheckAbbreviations(setting, value),
        "rqlite.idempotency_key" => value.Length <= IdempotencyKeyMax && value.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? value : throw SettingValues.Invalid(setting.Name, value, $"A key has 1 to {IdempotencyKeyMax} visible ASCII characters."),
        "rqlite.min_index" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index.ToString(CultureInfo.InvariantCulture) : throw SettingValues.Invalid(setting.Name, value),
        _ => value,
    };

    private static string CheckEncoding(Setting setting, string value)
    {
        var name = string.Concat(value.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return name switch
        {
            "UTF8" or "UNICODE" => "UTF8",
            "LATIN1" or "ISO88591" => "LATIN1",
            "SQLASCII" => "SQL_ASCII",
            _ => throw (s_encodings.Contains(name)
                ? new DialectException(
                    "0A000", $"client_encoding \"{value}\" is not supported", hint: "Texts are sent and read as UTF8, LATIN1 or SQL_ASCII.")
                : SettingValues.Invalid(setting.Name, value)),
        };
    }

    private static string CheckDateStyle(Setting setting, string value, ISettingSession session)
    {
        var (present, reset) = session.Values(setting.Name);
        return DateStyles.Read(value, present, reset, out var detail) ?? throw SettingValues.Invalid(setting.Name, value, detail: detail);
    }

    // A number is an offset in hours.
    private static string CheckTimeZone(Setting setting, string value)
    {
        var numeric = SettingNumbers.TryNumber(value, out var hours) && double.IsFinite(hours);
        var text = numeric ? hours.ToString("0.##########", CultureInfo.InvariantCulture) : value;
        return TimeZones.TrySetting(text, out var zone) ? zone.Name
            : throw SettingValues.Invalid(setting.Name, value, detail: numeric ? "UTC timezone offset is out of range." : null);
    }

    private static string CheckRole(string value, ISettingSession? session) => session?.HasRole(value) == true
        ? value
        : throw new DialectException("22023", $"role \"{value}\" does not exist");

    private static string CheckList(Setting setting, string value, string[]? words)
    {
        if (!NameList.TrySplit(value, out var names))
        {
            throw SettingValues.Invalid(setting.Name, value, detail: ListSyntax);
        }

        return words is null || names.Find(name => !words.Contains(name)) is not { } unknown
            ? value
            : throw SettingValues.Invalid(setting.Name, value, detail: $"Unrecognized key word: \"{unknown}\".");
    }

    private static string CheckTablespaces(Setting setting, string value)
    {
        if (!NameList.TrySplit(value, out var names))
        {
            throw SettingValues.Invalid(setting.Name, value, detail: ListSyntax);
        }

        return names.Find(static name => name is not ("" or "pg_default" or "pg_global")) is { } unknown
            ? throw new DialectException("42704", $"tablespace \"{unknown}\" does not exist")
            : value;
    }

    private static string CheckAccessMethod(Setting setting, string value) => value switch
    {
        "heap" => value,
        "" => throw SettingValues.Invalid(setting.Name, value, detail: "default_table_access_method cannot be empty."),
        _ => throw SettingValues.Invalid(setting.Name, value, detail: $"Table access method \"{value}\" does not exist."),
    };

    private static string CheckSearchConfiguration(Setting setting, string value)
    {
        const string Schema = "pg_catalog.";
        var name = value.StartsWith(Schema, StringComparison.Ordinal) ? value[Schema.Length..] : value;
        return name.Length == 0 ? throw new DialectException("42602", "invalid name syntax")
            : s_searchConfigurations.Contains(name) ? Schema + name
            : throw SettingValues.Invalid(setting.Name, value);
    }

    private static string CheckAbbreviations(Setting setting, string value) => value switch
    {
        "Default" => value,
        "Australia" or "India" => throw new DialectException("0A000", $"timezone_abbreviations \"{value}\" is not supported"),
        _ => throw SettingValues.Invalid(setting.Name, value),
    };

    // Locales that every system has, and that change nothing.
    private static bool IsPlainLocale(string value) => value is "C" or "POSIX" or "C.UTF-8" or "C.utf8";

    // A byte that is no printable ASCII character becomes a question mark.
    private static string CleanAscii(string value) =>
        string.Concat(Encoding.UTF8.GetBytes(value).Select(static b => b is >= 32 and < 127 ? (char)b : '?'));
}
