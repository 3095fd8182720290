using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The errors for columns and relations that are not found, with their hints.</summary>
internal sealed partial class StatementBinder
{
    private DialectException MissingRelation(Scope scope, string? schema, string name, Location location)
    {
        var entry = FindEntry(scope, schema, name);
        string? hint = null;
        if (entry is not null)
        {
            hint = entry.Alias is not null && entry.Name != name && FindItem(scope, null, entry.Name, location, out _) is { } item
                && ReferenceEquals(item.Entry, entry)
                ? $"Perhaps you meant to reference the table alias \"{entry.Name}\"."
                : NotReferenceable(entry.Name);
        }

        return Error(
            SqlState.UndefinedTable,
            entry is null ? $"missing FROM-clause entry for table \"{name}\"" : $"invalid reference to FROM-clause entry for table \"{name}\"",
            location, hint);
    }

    /// <summary>Any relation of the statement that the name might have meant, visible or not.</summary>
    private RangeTableEntry? FindEntry(Scope origin, string? schema, string name)
    {
        var table = schema is null ? FindCommonTable(origin, name, out var tableLevels) : NoCommonTable(out tableLevels);
        var relation = table is not null ? null : FindRelation(schema, name);
        var levels = 0;
        for (var scope = origin; scope is not null; scope = scope.Parent, levels++)
        {
            foreach (var entry in scope.Relations)
            {
                if (entry is RelationEntry own && relation is not null && own.Relation.Oid == relation.Oid)
                {
                    return entry;
                }

                if (entry is CommonTableEntry common && table is not null && common.LevelsUp + levels == tableLevels && common.Table == name)
                {
                    return entry;
                }

                if (entry.Name == name)
                {
                    return entry;
                }
            }
        }

        return null;
    }

    private static CommonTableState? NoCommonTable(out int levels)
    {
        levels = 0;
        return null;
    }

    private DialectException MissingColumn(Scope origin, string? table, string name, Location location)
    {
        var guess = new ColumnGuess(name);
        for (var scope = origin; scope is not null; scope = scope.Parent)
        {
            for (var i = 0; i < scope.Relations.Count; i++)
            {
                var entry = scope.Relations[i];
                if (entry is JoinEntry)
                {
                    continue;
                }

                var penalty = table is null ? 0 : EditDistance.Between(table, entry.Name, ColumnGuess.DistanceMax + 1);
                if (Consider(guess, scope.Items[i], penalty, location) && penalty == 0)
                {
                    return ColumnError(table, name, location, $"There is a column named \"{name}\" in table \"{entry.Name}\", but it cannot be "
                        + "referenced from this part of the query.");
                }
            }
        }

        return ColumnError(table, name, location, guess switch
        {
            { Second: { } second, First: { } first } => $"Perhaps you meant to reference the column \"{first.Table}.{first.Column}\" or the column "
                + $"\"{second.Table}.{second.Column}\".",
            { First: { } only } => $"Perhaps you meant to reference the column \"{only.Table}.{only.Column}\".",
            _ => null,
        });
    }

    private DialectException ColumnError(string? table, string name, Location location, string? hint) => Error(
        SqlState.UndefinedColumn, table is null ? $"column \"{name}\" does not exist" : $"column {table}.{name} does not exist", location, hint);

    /// <summary>Looks at all columns of a relation; true if one has the very name.</summary>
    private bool Consider(ColumnGuess guess, ScopeItem item, int penalty, Location location)
    {
        var exact = false;
        foreach (var column in item.Entry.Columns)
        {
            if (column == guess.Name)
            {
                exact = exact ? throw AmbiguousColumn(guess.Name, location) : true;
            }

            guess.Consider(item.Entry.Name, column, penalty);
        }

        return exact || (item.SystemColumns && s_systemColumns.ContainsKey(guess.Name));
    }
}
