namespace Rqlite.Pg.Dialect;

/// <summary>How far a keyword may stand for a name (PostgreSQL manual, appendix C).</summary>
internal enum KeywordClass : byte
{
    NotKeyword,
    Unreserved,
    ColumnName,
    TypeOrFunctionName,
    Reserved,
}

/// <summary>Finds keywords by their spelling, whatever the case, without allocating.</summary>
internal static class Keywords
{
    private const int LengthMax = 17;

    private static readonly string[] Words =
    [
        "abort", "absolute", "access", "action", "add", "admin", "after", "aggregate", "all", "also", "alter", "always", "analyse",
        "analyze", "and", "any", "array", "as", "asc", "asensitive", "assertion", "assignment", "asymmetric", "at", "atomic", "attach",
        "attribute", "authorization", "autoincrement", "backward", "before", "begin", "between", "bigint", "binary", "bit", "boolean",
        "both", "breadth", "by", "cache", "call", "called", "cascade", "cascaded", "case", "cast", "catalog", "chain", "char",
        "character", "characteristics", "check", "checkpoint", "class", "close", "cluster", "coalesce", "collate", "collation", "column",
        "columns", "comment", "comments", "commit", "committed", "compression", "concurrently", "configuration", "conflict", "connection",
        "constraint", "constraints", "content", "continue", "conversion", "copy", "cost", "create", "cross", "csv", "cube", "current",
        "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user",
        "cursor", "cycle", "data", "database", "day", "deallocate", "dec", "decimal", "declare", "default", "defaults", "deferrable",
        "deferred", "definer", "delete", "delimiter", "delimiters", "depends", "depth", "desc", "detach", "dictionary", "disable",
        "discard", "distinct", "do", "document", "domain", "double", "drop", "each", "else", "enable", "encoding", "encrypted", "end",
        "enum", "escape", "event", "except", "exclude", "excluding", "exclusive", "execute", "exists", "explain", "expression",
        "extension", "external", "extract", "fail", "false", "family", "fetch", "filter", "finalize", "first", "float", "following",
        "for", "force", "foreign", "forward", "freeze", "from", "full", "function", "functions", "generated", "glob", "global", "grant",
        "granted", "greatest", "group", "grouping", "groups", "handler", "having", "header", "hold", "hour", "identity", "if", "ignore",
        "ilike", "immediate", "immutable", "implicit", "import", "in", "include", "including", "increment", "index", "indexed", "indexes",
        "inherit", "inherits", "initially", "inline", "inner", "inout", "input", "insensitive", "insert", "instead", "int", "integer",
        "intersect", "interval", "into", "invoker", "is", "isnull", "isolation", "join", "key", "label", "language", "large", "last",
        "lateral", "leading", "leakproof", "least", "left", "level", "like", "limit", "listen", "load", "local", "localtime",
        "localtimestamp", "location", "lock", "locked", "logged", "mapping", "match", "matched", "materialized", "maxvalue", "merge",
        "method", "minute", "minvalue", "mode", "month", "move", "name", "names", "national", "natural", "nchar", "new", "next", "nfc",
        "nfd", "nfkc", "nfkd", "no", "none", "normalize", "normalized", "not", "nothing", "notify", "notnull", "nowait", "null", "nullif",
        "nulls", "numeric", "object", "of", "off", "offset", "oids", "old", "on", "only", "operator", "option", "options", "or", "order",
        "ordinality", "others", "out", "outer", "over", "overlaps", "overlay", "overriding", "owned", "owner", "parallel", "parameter",
        "parser", "partial", "partition", "passing", "password", "placing", "plan", "plans", "policy", "position", "pragma", "preceding",
        "precision", "prepare", "prepared", "preserve", "primary", "prior", "privileges", "procedural", "procedure", "procedures",
        "program", "publication", "query", "quote", "raise", "range", "read", "real", "reassign", "recheck", "recursive", "ref",
        "references", "referencing", "refresh", "regexp", "reindex", "relative", "release", "rename", "repeatable", "replace", "replica",
        "reset", "restart", "restrict", "return", "returning", "returns", "revoke", "right", "role", "rollback", "rollup", "routine",
        "routines", "row", "rows", "rule", "savepoint", "schema", "schemas", "scroll", "search", "second", "security", "select",
        "sequence", "sequences", "serializable", "server", "session", "session_user", "set", "setof", "sets", "share", "show", "similar",
        "simple", "skip", "smallint", "snapshot", "some", "sql", "stable", "standalone", "start", "statement", "statistics", "stdin",
        "stdout", "storage", "stored", "strict", "strip", "subscription", "substring", "support", "symmetric", "sysid", "system", "table",
        "tables", "tablesample", "tablespace", "tag", "temp", "template", "temporary", "text", "then", "ties", "time", "timestamp", "to",
        "trailing", "transaction", "transform", "treat", "trigger", "trim", "true", "truncate", "trusted", "type", "types", "uescape",
        "unbounded", "uncommitted", "unencrypted", "union", "unique", "unknown", "unlisten", "unlogged", "until", "update", "user",
        "using", "vacuum", "valid", "validate", "validator", "value", "values", "varchar", "variadic", "varying", "verbose", "version",
        "view", "views", "virtual", "volatile", "when", "where", "whitespace", "window", "with", "within", "without", "work", "wrapper",
        "write", "xml", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi",
        "xmlroot", "xmlserialize", "xmltable", "year", "yes", "zone",
    ];

    /// <summary>One letter a word, in the order of <see cref="Words"/>: unreserved, column name, type or function name, reserved.</summary>
    private const string Classes =
        "UUUUUUUURUUURRRRRRRUUURUUUUTUUUUCCTCCRUUUUUUURRUUCCURUUUUCRTRUUUUUUTUUURUUUUUURTUUURRRTRRRUUUUUUCCURURUUUUUUUR" +
        "UUUURRUUUUURUUURUUURUUUUCUUUUCURURUUUCURURUTRTUUUUURUCRCUURUUUUUUTUUUURUUUUUUUURUTCUUUUCCRCRUTTUTUUUUURRUCTUTR" +
        "UUURRUUUUUUUUUUUUUUUUUUCTCUUUUUUUCCURUUTURCUCUUURUURRUUURRUUCTUTCUUUUUUUUUURUUUCUUCUUURUUUUUUUUUUUUCUUUURUUUUU" +
        "UUUUUUUUURUUTUUUUUCUUUUUUUUURUUUUURUCUUUTUUCURUUUUUUUUUUUUUCURUURUTUUUUUURUCCRRUUCUCRUUUUUUUURRUUUUURRUUUUUCCR" +
        "UTUUUUURRURRUUUUUUCCCCCCCCCCCUUU";

    /// <summary>One letter a word: b may be a column's label without AS, a may not, - is no keyword of PostgreSQL.</summary>
    private const string Labels =
        "bbbbbbbbbbbbbbbbaabbbbbbbbbb-bbbbbbbbbbbbbbbbbbbbaabbbbbbbbbbbbbbbbbbbbbbbbbbbabbbbbbbbbbbbbbbabbbbbbbbbbbbbbb" +
        "bbbbbbbbbbbbbbbbbbbabbbbbbbbbb-bbaabbbbabbbbabbbb-babbabbbabbabb-bbbbbbbbbb-bbbbbbbbbbbbbababbabbbbbbbbbbbbbba" +
        "bbbbbbbbbbbbbbbbabbabbbbbbbbbbbbbbbbbbbabbbbbbbbabbabbbbbabbbbaabbbbbbbbbbbb-bbb-babbbbbbbbbbb-b-bbbbbbbbbb-bb" +
        "bbbbbbbbbabbbbbbbbbbbbbbbbabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-bbbbbbbbabbbbbbbbbbbbbbbabbbbbbbbbbbbbbbb" +
        "abbbb-bbabaaaabbbbbbbbbbbbbbbabb";

    private static readonly ushort[] Table = BuildTable();

    public static Keyword Find(ReadOnlySpan<char> word)
    {
        if (word.Length > LengthMax)
        {
            return Keyword.NoKeyword;
        }

        for (var slot = Hash(word); ; slot = (slot + 1) & (Table.Length - 1))
        {
            var index = Table[slot];
            if (index == 0)
            {
                return Keyword.NoKeyword;
            }

            if (word.Equals(Words[index - 1], StringComparison.OrdinalIgnoreCase))
            {
                return (Keyword)index;
            }
        }
    }

    public static KeywordClass ClassOf(Keyword keyword) => keyword == Keyword.NoKeyword
        ? KeywordClass.NotKeyword
        : Classes[(int)keyword - 1] switch
        {
            'U' => KeywordClass.Unreserved,
            'C' => KeywordClass.ColumnName,
            'T' => KeywordClass.TypeOrFunctionName,
            _ => KeywordClass.Reserved,
        };

    /// <summary>True for a keyword that PostgreSQL takes for a name like any other.</summary>
    public static bool IsSqliteOnly(Keyword keyword) => keyword != Keyword.NoKeyword && Labels[(int)keyword - 1] == '-';

    /// <summary>True if PostgreSQL takes the word as a column's label without AS.</summary>
    public static bool IsBareLabel(Keyword keyword) => keyword == Keyword.NoKeyword || Labels[(int)keyword - 1] == 'b';

    /// <summary>PostgreSQL's keywords in their order.</summary>
    public static IEnumerable<(string Word, KeywordClass Class, bool BareLabel)> All() => Words.Select((word, i) => (word, Keyword: (Keyword)(i + 1)))
        .Where(k => !IsSqliteOnly(k.Keyword)).Select(k => (k.word, ClassOf(k.Keyword), IsBareLabel(k.Keyword)));

    private static ushort[] BuildTable()
    {
        var table = new ushort[2048];
        for (var i = 0; i < Words.Length; i++)
        {
            var slot = Hash(Words[i]);
            while (table[slot] != 0)
            {
                slot = (slot + 1) & (table.Length - 1);
            }

            table[slot] = (ushort)(i + 1);
        }

        return table;
    }

    private static int Hash(ReadOnlySpan<char> word)
    {
        var hash = (uint)word.Length;
        foreach (var character in word)
        {
            hash = (hash * 31) + (character | 0x20u);
        }

        return (int)((hash ^ (hash >> 11)) & 2047);
    }
}
