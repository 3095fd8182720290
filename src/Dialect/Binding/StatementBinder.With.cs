using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>WITH (PostgreSQL's parse_cte.c).</summary>
internal sealed partial class StatementBinder
{
    private void BindWith(With? with, Scope scope)
    {
        if (with is null)
        {
            return;
        }

        CheckWith(with);
        if (!with.Recursive)
        {
            scope.FutureCommonTables = [.. with.Tables];
            foreach (var syntax in with.Tables)
            {
                var table = new CommonTableState(syntax);
                BindCommonTable(table, scope);
                scope.CommonTables.Add(table);
                scope.FutureCommonTables.RemoveAt(0);
            }

            return;
        }

        var order = new RecursionOrder(with);
        var sorted = order.Sort((state, message, location) => Error(state, message, location));
        foreach (var table in sorted.Where(order.IsRecursive))
        {
            new RecursionCheck(table, (state, message, location) => Error(state, message, location)).Run();
        }

        scope.CommonTables.AddRange(sorted.Select(table => new CommonTableState(table) { Recursive = order.IsRecursive(table) }));
        foreach (var table in scope.CommonTables)
        {
            BindCommonTable(table, scope);
        }
    }

    private void CheckWith(With with)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in with.Tables)
        {
            if (!names.Add(table.Name))
            {
                throw Error(SqlState.DuplicateAlias, $"WITH query name \"{table.Name}\" specified more than once", table.Location);
            }
        }

        foreach (var table in with.Tables)
        {
            if (table.Search is not null || table.Cycle is not null)
            {
                throw Unsupported(table.Search is not null ? "SEARCH" : "CYCLE", (table.Search as Node ?? table.Cycle!).Location);
            }
        }
    }

    private void BindCommonTable(CommonTableState table, Scope scope)
    {
        var query = BindSubquery(table.Syntax.Statement, new Scope(scope) { ParentCommonTable = table });
        if (table.Recursive)
        {
            CheckRecursiveTypes(table, query);
        }
        else
        {
            SetColumns(table, [.. query.Visible]);
        }

        table.Query = query;
    }

    /// <summary>The columns that references to an item of WITH see.</summary>
    private void SetColumns(CommonTableState table, IReadOnlyList<TargetEntry> targets)
    {
        var aliases = table.Syntax.Columns;
        if (aliases.Count > targets.Count)
        {
            throw Error(
                SqlState.InvalidColumnReference,
                $"WITH query \"{table.Name}\" has {targets.Count} columns available but {aliases.Count} columns specified",
                table.Syntax.Location);
        }

        table.Names = [.. aliases, .. targets.Skip(aliases.Count).Select(t => t.Name ?? "")];
        table.Types = ListOf(targets.Select(t => t.Value.Type.Oid == PgTypes.Unknown ? new PgType(PgTypes.Text) : t.Value.Type));
        table.Collations = ListOf(targets.Select(
            t => t.Value.Type.Oid == PgTypes.Unknown ? _types.CollationOf(PgTypes.Text) : t.Value.Collation));
    }

    /// <summary>The recursive term must not have changed the types that references within it were bound with.</summary>
    private void CheckRecursiveTypes(CommonTableState table, BoundQuery query)
    {
        var number = 0;
        foreach (var target in query.Visible)
        {
            var expected = table.Types[number];
            var actual = target.Value;
            number++;
            if (actual.Type != expected)
            {
                throw Error(
                    SqlState.DatatypeMismatch,
                    $"recursive query \"{table.Name}\" column {number} has type {FormatWithModifier(expected)} in non-recursive term but type "
                        + $"{FormatWithModifier(actual.Type)} overall",
                    Locations.Of(actual), "Cast the output of the non-recursive term to the correct type.");
            }

            if (actual.Collation != table.Collations[number - 1])
            {
                throw Error(
                    SqlState.CollationMismatch,
                    $"recursive query \"{table.Name}\" column {number} has collation \"{CollationNames.NameOf(table.Collations[number - 1])}\" in "
                        + $"non-recursive term but collation \"{CollationNames.NameOf(actual.Collation)}\" overall",
                    Locations.Of(actual), "Use the COLLATE clause to set the collation of the non-recursive term.");
            }
        }
    }

    private string FormatWithModifier(PgType type) =>
        PgTypes.Find(type.Oid) is null ? _types.Format(type.Oid) : TypeFormat.Name(type.Oid, type.Modifier);

    private static NodeList<BoundCommonTable> CloseWith(Scope scope) => ListOf(scope.CommonTables.Select(table => new BoundCommonTable(
        table.Name, table.Syntax.Materialized, table.Recursive, table.Query!, table.Names, table.Types, table.Collations)
    {
        References = table.References,
    }));
}
