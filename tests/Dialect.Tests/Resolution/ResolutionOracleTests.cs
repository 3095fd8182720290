using System.Reflection;
using System.Text;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

/// <summary>
/// Compares every recorded answer of PostgreSQL 15 (tests/ResolutionOracle); differences that stand are named in Data/known.tsv with a
/// reason.
/// </summary>
public sealed class ResolutionOracleTests
{
    [Theory]
    [InlineData("operators")]
    [InlineData("functions")]
    [InlineData("casts")]
    [InlineData("assignments")]
    [InlineData("arguments")]
    [InlineData("common")]
    [InlineData("literals")]
    [InlineData("types")]
    [InlineData("sorting")]
    [InlineData("collations")]
    [InlineData("calls")]
    public void Expressions_are_resolved_as_by_PostgreSQL(string family)
    {
        var known = Read("known").Where(row => row[0] == family).ToDictionary(row => row[1], row => row[2], StringComparer.Ordinal);
        var differences = new List<string>();
        var rows = 0;
        foreach (var row in Read(family))
        {
            rows++;
            var answer = Answer(family, row[0]);
            var differs = answer != row[1];
            if (differs != known.Remove(row[0]))
            {
                differences.Add(
                    $"{row[0]}\n    " + (differs ? $"is {answer}\n not {row[1]}" : "agrees, but is listed as a known difference"));
            }
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { Length: > 0 } folder)
        {
            File.WriteAllLines(Path.Combine(folder, family + ".txt"), differences.Prepend($"{rows} rows, {differences.Count} differ"));
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {rows} differ:\n" + string.Join('\n', differences.Take(30)));
        Assert.True(rows > 90, $"only {rows} rows are recorded");
        Assert.Empty(known);
    }

    private static string Answer(string family, string shown)
    {
        var at = family is "assignments" or "arguments" ? shown.IndexOf(" <- ", StringComparison.Ordinal) : -1;
        var text = at < 0 ? shown : shown[(at + 4)..];
        const string Order = " AS x ORDER BY ";
        var binder = new ExpressionBinder(text + Order + "1");
        var outline = new TreeOutline(binder.Resolver.Types);
        try
        {
            var expression = Parser.ParseExpression(text);
            var bound = at < 0 ? binder.BindColumn(expression)
                : Convert(binder, binder.Bind(expression), TypeOf(binder, shown[..at]), family == "assignments");
            bound = Collations.Assign(bound, binder.Context);
            var sort = family == "sorting" ? Sort(binder, bound, new Location(text.Length + Order.Length)) : "";
            return IsPseudo(binder, bound.Type.Oid) ? "~" + outline.TypeName(bound.Type.Oid) : "=" + outline.Describe(bound) + sort;
        }
        catch (DialectException e)
        {
            return $"!{e.SqlState}|{e.Position}|{e.Message}|{e.Detail}|{e.Hint}";
        }
    }

    private static PgType TypeOf(ExpressionBinder binder, string name) =>
        binder.Resolver.Type(((TypeCast)Parser.ParseExpression($"NULL::{name}")).Type);

    private static BoundExpression Convert(ExpressionBinder binder, BoundExpression value, PgType target, bool assign)
    {
        var types = binder.Resolver.Types;
        if (assign)
        {
            var converted = binder.Resolver.Coerce(value, target, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None);
            return converted ?? throw binder.Context.Error(
                "42804", $"column \"c\" is of type {types.Format(target.Oid)} but expression is of type {types.Format(value.Type.Oid)}",
                ExpressionTree.LocationOf(value), "You will need to rewrite or cast the expression.");
        }

        return binder.Resolver.CanCoerce(value.Type.Oid, target.Oid, CoercionContext.Implicit)
            ? binder.Resolver.CoerceToCommon(value, target.Oid, "argument")
            : throw new DialectException(
                "42883", $"function passed({types.Format(value.Type.Oid)}) does not exist", position: -6,
                hint: "No function matches the given name and argument types. You might need to add explicit type casts.");
    }

    private static string Sort(ExpressionBinder binder, BoundExpression value, Location location)
    {
        var operators = binder.Resolver.SortOperators(value.Type.Oid, needLess: true, needEqual: true, location);
        return $" sort({operators.Equal!.Oid},{operators.Less!.Oid})";
    }

    /// <summary>A type that a view's column cannot have, so that the oracle knows the type alone.</summary>
    private static bool IsPseudo(ExpressionBinder binder, uint type) =>
        binder.Resolver.Types.Find(type)!.Kind == 'p' && type != PgTypes.Unknown;

    private static IEnumerable<string[]> Read(string name)
    {
        var folder = Environment.GetEnvironmentVariable("ORACLE_DATA");
        using var stream = folder is { Length: > 0 } && name != "known" ? File.OpenRead(Path.Combine(folder, name + ".tsv"))
            : Assembly.GetExecutingAssembly().GetManifestResourceStream("resolution-" + name + ".tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return [.. line.Split('\t').Select(Unescape)];
        }
    }

    private static string Unescape(string text)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            result.Append(text[i] != '\\' ? text[i] : text[++i] switch { 't' => '\t', 'n' => '\n', var other => other });
        }

        return result.ToString();
    }
}
