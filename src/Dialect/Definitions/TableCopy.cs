using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Gives a table other columns or another primary key: the rows are copied into a table of that form, which then changes places with the table. So the name,
/// what refers to it, and its triggers stay.
/// </summary>
/// <param name="values">The values of columns that are new or get another type, by their numbers, over the table as it was.</param>
/// <param name="sequences">The names in SQLite of the sequences from which new columns draw, by their numbers.</param>
internal sealed class TableCopy(
    Definition definition, Relation before, Relation after, IReadOnlyDictionary<short, BoundExpression> values,
    IReadOnlyDictionary<short, string> sequences)
{
    public const string Name = "_rqlite_rewrite";

    /// <summary>The table under the name of the copy, without what rows have to satisfy.</summary>
    private readonly Relation _copy = Bare(after);

    /// <summary>A common table with the rows as the copy gets them.</summary>
    public string Rows => $"WITH {TableSql.Quote(Name)} ({Columns}) AS ({Select()})";

    private IEnumerable<Catalog.Attribute> Kept => after.Attributes.Where(column => !column.Dropped && !column.Generated);

    private string Columns => string.Join(", ", Kept.Select(column => TableSql.Quote(column.Name)));

    /// <summary>Adds the steps up to the exchange. The table must have no indexes but that of its primary key.</summary>
    /// <param name="schemaBefore">The schema in which the former definition can be read.</param>
    /// <param name="check">Adds steps that look at the rows of the copy.</param>
    public void Write(ISchema schemaBefore, Action check)
    {
        definition.Step(TableRewriting.ToSql(_copy, definition.Schema));
        definition.Step($"INSERT INTO {TableSql.Quote(Name)} ({Columns}) {Select()}");
        check();
        definition.Call(
            "_rqlite_exchange_tables", TableSql.Literal(after.SqliteName), TableSql.Literal(Name),
            TableSql.Literal(TableRewriting.ToSql(after, definition.Schema)), TableSql.Literal(TableRewriting.ToSql(Bare(before), schemaBefore)));
        definition.Step($"DROP TABLE {TableSql.Quote(Name)}");
    }

    private static Relation Bare(Relation table) => table with
    {
        SqliteName = Name,
        Attributes = [.. table.Attributes.Select(column => column with { NotNull = false })],
        Constraints = [.. table.Constraints.Where(constraint => constraint.Type == ConstraintType.PrimaryKey)],
    };

    private string Select()
    {
        var entry = new RelationEntry(null, before.Name, [.. before.Attributes.Select(column => column.Name)], before, false);
        var drawn = Kept.Where(column => sequences.ContainsKey(column.Number)).ToArray();
        var targets = Kept.Except(drawn).Select((column, place) => new TargetEntry(
            values.GetValueOrDefault(column.Number) ?? (column.Number > before.Attributes.Count
                ? new Const(null, column.Type, column.Collation, Syntax.Location.None)
                : new Var(1, column.Number, 0, column.Type, column.Collation, Syntax.Location.None)),
            (short)(place + 1), column.Name));
        var query = new BoundQuery(QueryKind.Select)
        {
            Relations = [entry],
            From = [new FromRelation(1)],
            Targets = [.. targets],
        };
        var lowered = Lowerer.Lower(query, definition.Lowering);
        definition.AsksSession |= lowered.AsksSession;
        var sql = lowered.Steps is [{ Parameters.Count: 0 } only] ? only.Sql : throw definition.NotSupported("this expression in ALTER TABLE is");
        if (drawn.Length == 0)
        {
            return sql;
        }

        // SQLite's columns of the query have names of their own, so values are put into their places by the position in the list.
        var places = Kept.Except(drawn).Select((column, place) => (column.Number, place)).ToDictionary(c => c.Number, c => c.place + 1);
        var outer = Kept.Select(column => sequences.TryGetValue(column.Number, out var sequence)
            ? $"nextval({TableSql.Literal(TableSql.Quote(sequence))})"
            : $"c{places[column.Number]}");
        var inner = places.Count == 0 ? $"SELECT 1 FROM {TableSql.Quote(before.SqliteName)}" : sql;
        var names = places.Count == 0 ? "c1" : string.Join(", ", Enumerable.Range(1, places.Count).Select(place => $"c{place}"));
        return $"SELECT {string.Join(", ", outer)} FROM (WITH r({names}) AS ({inner}) SELECT * FROM r)";
    }
}
