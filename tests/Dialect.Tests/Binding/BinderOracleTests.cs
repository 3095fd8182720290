using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Dialect.Tests.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Binding;

/// <summary>Statements over <c>binding-schema.sql</c>, with what PostgreSQL 15 says about each: types, or the error with all of its fields.</summary>
public class BinderOracleTests
{
    private static readonly TestSchema s_schema = TestSchema.Read(TestData.Read("binding-schema.sql"));

    private static IEnumerable<string[]> Rows(string name) => TestData.Read(name).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('\t'));

    /// <summary>The answers that differ on purpose, with the reasons.</summary>
    private static Dictionary<string, string> Known => Rows("binding-known.tsv").ToDictionary(row => row[0], row => row[1]);

    [Fact]
    public void Every_statement_has_the_types_or_the_error_that_PostgreSQL_gives()
    {
        var known = Known;
        var wrong = new List<string>();
        var count = 0;
        foreach (var row in Rows("binding.tsv"))
        {
            var sql = row[0].Replace("\\n", "\n", StringComparison.Ordinal);
            var expected = string.Join('\t', row.Skip(1));
            var actual = Describe(sql);
            count++;
            if (actual == expected ? known.Remove(row[0]) : !known.Remove(row[0]))
            {
                wrong.Add($"{sql}\n  expected {expected}\n  actual   {actual}");
            }
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { } folder)
        {
            File.WriteAllText(Path.Combine(folder, "binding.txt"), string.Join("\n\n", wrong) + $"\n{wrong.Count} of {count}\n");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(known.Count == 0, $"not recorded: {string.Join('\n', known.Keys)}");
        Assert.InRange(count, 800, int.MaxValue);
    }

    /// <summary>The answer in the form of the recorded ones.</summary>
    private static string Describe(string sql)
    {
        try
        {
            var statement = Assert.IsAssignableFrom<Statement>(Assert.Single(Parser.Parse(sql)));
            var context = s_schema.NewContext(sql);
            var bound = Binder.Bind(statement, sql, context);
            var types = new TypeLookup(context);

            // RowDescription has the type under a domain.
            return string.Join('\t', [
                "ok",
                string.Join(", ", bound.Parameters.Select(p => Format(p, types))),
                .. bound.Query.Visible.Select(t => $"{t.Name}|{Format(types.BaseOf(t.Value.Type), types)}|{Origin(t)}"),
            ]);
        }
        catch (DialectException e)
        {
            return string.Join('\t', "error", e.SqlState, e.Message, e.Position, e.Detail, e.Hint).TrimEnd('\t')
                .Replace("\n", "\\n", StringComparison.Ordinal);
        }
    }

    private static string Format(PgType type, TypeLookup types)
    {
        var element = types.ElementOf(type.Oid);
        return PgTypes.Find(element != 0 ? element : type.Oid) is null ? types.Format(type.Oid) : TypeFormat.Name(type.Oid, type.Modifier);
    }

    private static string Origin(TargetEntry target) =>
        target.TableOid == 0 ? "" : $"{s_schema.FindRelation(target.TableOid)!.Name}.{target.TableColumn}";
}
