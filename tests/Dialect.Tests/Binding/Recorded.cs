using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Dialect.Tests.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Binding;

/// <summary>What PostgreSQL 15 says about statements: the types of parameters and columns, or the error with all of its fields.</summary>
internal static class Recorded
{
    /// <summary>The answers that differ on purpose, with the reasons.</summary>
    private static Dictionary<string, string> Known { get; } = Lines("binding-known.tsv").Select(line => line.Split('\t'))
        .ToDictionary(row => Unescape(row[0]), row => row[1]);

    /// <summary>Compares all recorded answers with the binder's; returns how many there are.</summary>
    public static int Compare(string name, TestSchema schema)
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in Lines(name))
        {
            var split = line.IndexOf('\t', StringComparison.Ordinal);
            var sql = Unescape(line[..split]);
            var expected = Unescape(line[(split + 1)..]);
            var actual = Describe(sql, schema);
            count++;
            if (actual == expected == Known.ContainsKey(sql))
            {
                wrong.Add($"{sql}\n  expected {expected}\n  actual   {actual}");
            }
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { } folder)
        {
            File.WriteAllText(Path.Combine(folder, name + ".txt"), string.Join("\n\n", wrong) + $"\n{wrong.Count} of {count}\n");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}\n{string.Join('\n', wrong.Take(20))}");
        return count;
    }

    /// <summary>The binder's answer in the form of the recorded ones.</summary>
    public static string Describe(string sql, TestSchema schema)
    {
        try
        {
            var statement = Assert.IsAssignableFrom<Statement>(Assert.Single(Parser.Parse(sql)));
            var context = schema.NewContext(sql);
            var bound = Binder.Bind(statement, sql, context);
            var types = new TypeLookup(context);

            // RowDescription has the type under a domain.
            return string.Join('\t', [
                "ok",
                string.Join(", ", bound.Parameters.Select(p => Format(p, types))),
                .. bound.Query.Visible.Select(t => $"{t.Name}|{Format(types.BaseOf(t.Value.Type), types)}|{Origin(t, schema)}"),
            ]);
        }
        catch (DialectException e)
        {
            return string.Join('\t', "error", e.SqlState, e.Message, e.Position, e.Detail, e.Hint).TrimEnd('\t');
        }
    }

    private static string Format(PgType type, TypeLookup types)
    {
        var element = types.ElementOf(type.Oid);
        return PgTypes.Find(element != 0 ? element : type.Oid) is null ? types.Format(type.Oid) : TypeFormat.Name(type.Oid, type.Modifier);
    }

    private static string Origin(TargetEntry target, TestSchema schema) =>
        target.TableOid == 0 ? "" : $"{schema.FindRelation(target.TableOid)!.Name}.{target.TableColumn}";

    private static string[] Lines(string name) => TestData.Read(name).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Unescape(string text)
    {
        var result = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            result.Append(text[i] != '\\' ? text[i] : text[++i] switch
            {
                'n' => '\n',
                't' => '\t',
                _ => '\\',
            });
        }

        return result.ToString();
    }
}
