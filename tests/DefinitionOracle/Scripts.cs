using System.Text;

namespace Rqlite.Pg.DefinitionOracle;

/// <summary>
/// The scripts: statements that end with a semicolon at the end of a line, and lines of comments. A statement that begins with a backslash is a question to
/// the catalogs about the relation behind it.
/// </summary>
internal static class Scripts
{
    private const string Extension = ".sql";

    private static readonly Dictionary<string, string> s_questions = new()
    {
        ["columns"] = "SELECT attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attndims, pg_get_expr(adbin, adrelid)"
            + " FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
            + " WHERE attrelid = '{0}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        ["constraints"] = "SELECT conname, contype, condeferrable, condeferred, convalidated, conkey, confkey, pg_get_constraintdef(oid) FROM pg_constraint"
            + " WHERE conrelid = '{0}'::regclass ORDER BY conname",
        ["indexes"] = "SELECT indisunique, indisprimary, indkey, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '{0}'::regclass"
            + " ORDER BY pg_get_indexdef(indexrelid)",
        ["view"] = "SELECT pg_get_viewdef('{0}'::regclass)",
        ["sequence"] = "SELECT data_type::text, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value FROM pg_sequences"
            + " WHERE sequencename = '{0}'",
        ["owner"] = "SELECT deptype, refobjid::regclass::text, refobjsubid FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = '{0}'::regclass"
            + " AND refclassid = 'pg_class'::regclass",
        ["rows"] = "SELECT * FROM {0} ORDER BY 1",
        ["relations"] = "SELECT nspname, relname, relkind, relpersistence FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            + " WHERE nspname = '{0}' ORDER BY relname, relkind",
        ["labels"] = "SELECT enumlabel FROM pg_enum WHERE enumtypid = '{0}'::regtype ORDER BY enumsortorder",
    };

    public static IEnumerable<string> Names => typeof(Scripts).Assembly.GetManifestResourceNames()
        .Where(name => name.EndsWith(Extension, StringComparison.Ordinal)).Select(name => name[..^Extension.Length]).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Read(string name)
    {
        using var stream = typeof(Scripts).Assembly.GetManifestResourceStream(name + Extension)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var statement = new StringBuilder();
        while (reader.ReadLine() is { } line)
        {
            if (statement.Length == 0 && (line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal)))
            {
                continue;
            }

            statement.Append(statement.Length > 0 ? "\n" : "").Append(line);
            if (line.EndsWith(';'))
            {
                statement.Length--;
                yield return Question(statement.ToString());
                statement.Clear();
            }
        }
    }

    private static string Question(string statement)
    {
        var blank = statement.IndexOf(' ', StringComparison.Ordinal);
        return statement[0] != '\\' ? statement
            : s_questions[statement[1..blank]].Replace("{0}", statement[(blank + 1)..], StringComparison.Ordinal);
    }
}
