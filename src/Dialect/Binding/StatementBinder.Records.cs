using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The fields of values whose type is record, which only the expression that makes them tells.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>The relations that the columns of an expression refer to, level by level.</summary>
    private sealed record Surroundings(IReadOnlyList<RangeTableEntry> Relations, Func<string, BoundQuery?> Table, Surroundings? Parent)
    {
        public Surroundings? Up(int levels)
        {
            var at = this;
            for (; levels > 0 && at is not null; levels--)
            {
                at = at.Parent;
            }

            return at;
        }
    }

    private static Surroundings? SurroundingsOf(Scope? scope) => scope is null
        ? null
        : new Surroundings(scope.Relations, name => scope.CommonTables.Find(t => t.Name == name)?.Query, SurroundingsOf(scope.Parent));

    private static Surroundings Within(BoundQuery query, Surroundings? parent) =>
        new(query.Relations, name => query.CommonTables.FirstOrDefault(t => t.Name == name)?.Query, parent);

    /// <summary>The fields of a row value; null for a value that is no row, or a record of which nothing is known.</summary>
    private RowField[]? FieldsOf(BoundExpression value, Scope scope) => FieldsOf(value, SurroundingsOf(scope));

    private RowField[]? FieldsOf(BoundExpression value, Surroundings? around)
    {
        while (true)
        {
            switch (value)
            {
                case Var { Type.Oid: PgTypes.Record } column when around?.Up(column.LevelsUp) is { } place:
                    var entry = place.Relations[column.Relation - 1];
                    if (column.Attribute == 0)
                    {
                        return FieldsOf(entry);
                    }

                    if (Source(entry, column.Attribute, place) is not var (source, inner))
                    {
                        return null;
                    }

                    value = source;
                    around = inner;
                    break;
                case RowExpr row:
                    return [.. row.Items.Zip(row.Names, (item, name) => new RowField(name, item.Type, item.Collation))];
                case FuncExpr { Type.Oid: PgTypes.Record } call:
                    return FieldsOf(call);
                default:
                    return FieldsOfType(value.Type.Oid);
            }
        }
    }

    /// <summary>The expression that a column of a relation stands for, and what its own columns refer to.</summary>
    private static (BoundExpression Value, Surroundings? Around)? Source(RangeTableEntry entry, short column, Surroundings place) => entry switch
    {
        SubqueryEntry e => (e.Query.Visible.ElementAt(column - 1).Value, Within(e.Query, place)),
        JoinEntry e => (e.Values[column - 1], place),
        CommonTableEntry { SelfReference: false } e when place.Up(e.LevelsUp) is { } home && home.Table(e.Table) is { } query =>
            (query.Visible.ElementAt(column - 1).Value, Within(query, home)),
        _ => null,
    };

    /// <summary>The columns of a relation as fields.</summary>
    private RowField[] FieldsOf(RangeTableEntry entry) => entry switch
    {
        RelationEntry e => [.. FieldsOf(e.Relation).Zip(e.Columns, (field, name) => field with { Name = name })],
        SubqueryEntry e => [.. e.Query.Visible.Zip(e.Columns, (t, name) => new RowField(name, t.Value.Type, t.Value.Collation))],
        JoinEntry e => [.. e.Values.Zip(e.Columns, (value, name) => new RowField(name, value.Type, value.Collation))],
        ValuesEntry e => Fields(e.Columns, e.Types, e.Collations),
        CommonTableEntry e => Fields(e.Columns, e.Types, e.Collations),
        FunctionEntry e => Fields(
            e.Columns, [.. e.Functions.SelectMany(f => f.Types), .. e.Ordinality ? [new PgType(PgTypes.Int8)] : Array.Empty<PgType>()],
            [.. e.Functions.SelectMany(f => f.Collations), 0u]),
        _ => [],
    };

    private static RowField[] Fields(NodeList<string> names, NodeList<PgType> types, NodeList<uint> collations) =>
        [.. names.Zip(types, collations).Select(f => new RowField(f.First, f.Second, f.Third, f.First.Length == 0))];

    /// <summary>The output parameters of a function that returns record; null for one that has fewer than two.</summary>
    private RowField[]? FieldsOf(FuncExpr call)
    {
        var function = call.Function;
        var fields = new List<RowField>();
        for (var i = 0; i < function.Modes.Length; i++)
        {
            if (function.Modes[i] is 'o' or 'b' or 't')
            {
                var type = _resolver.OutputType(call, function.AllTypes[i]);
                var name = i < function.Names.Count && function.Names[i].Length > 0 ? function.Names[i] : $"column{fields.Count + 1}";
                fields.Add(new RowField(name, new PgType(type), _types.CollationOf(type)));
            }
        }

        return fields.Count > 1 || (fields.Count == 1 && function.ReturnType == PgTypes.Record) ? [.. fields] : null;
    }

    /// <summary>A field of a row value by its name; null if it has none of the name.</summary>
    private BoundExpression? Project(BoundExpression value, string name, Scope scope, Location location)
    {
        if (value is Var { Attribute: 0 } row)
        {
            return FieldOf(scope.Up(row.LevelsUp).Items[row.Relation - 1], row.LevelsUp, name, scope, location);
        }

        var fields = FieldsOf(value, scope);
        for (var i = 0; i < (fields?.Length ?? 0); i++)
        {
            if (fields![i].Name == name && !fields[i].Dropped)
            {
                return new FieldSelectExpr(value, (short)(i + 1), fields[i].Type, fields[i].Collation, Location.None);
            }
        }

        return null;
    }
}
