using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Select lists and RETURNING (PostgreSQL's parse_target.c).</summary>
internal sealed partial class StatementBinder
{
    private List<TargetEntry> BindTargets(NodeList<Target> targets, Scope scope, ExpressionKind kind)
    {
        var result = new List<TargetEntry>(targets.Count);
        foreach (var target in targets)
        {
            switch (target.Value)
            {
                case ColumnReference { Star: true } star:
                    AddColumns(result, ExpandStar(star, scope), scope);
                    break;
                case Indirection { Steps: [.., StarStep] } row:
                    var outer = scope.Kind;
                    scope.Kind = kind;
                    AddColumns(result, ExpandRow(row, scope), scope);
                    scope.Kind = outer;
                    break;
                default:
                    var value = BindExpression(target.Value, scope, kind);
                    result.Add(new TargetEntry(
                        value, (short)scope.NextNumber++, target.Label ?? OutputNames.Of(target.Value, _subqueryNames)));
                    break;
            }
        }

        CheckColumnCount(result.Count);
        return result;
    }

    private static void CheckColumnCount(int count)
    {
        if (count > ColumnsMax)
        {
            throw Error(SqlState.TooManyColumns, $"target lists can have at most {ColumnsMax} entries");
        }
    }

    private static void AddColumns(List<TargetEntry> targets, IEnumerable<(string Name, BoundExpression Value)> columns, Scope scope)
    {
        foreach (var (name, value) in columns)
        {
            targets.Add(new TargetEntry(value, (short)scope.NextNumber++, name));
        }
    }

    /// <summary><c>*</c>, <c>t.*</c>: columns with their names.</summary>
    private List<(string Name, BoundExpression Value)> ExpandStar(ColumnReference star, Scope scope)
    {
        if (star.Names.Count > 0)
        {
            var (schema, table, _) = SplitNames(star);
            return FindItem(scope, schema, table, star.Location, out var levels) is { } item
                ? ExpandItem(item, levels, star.Location)
                : throw MissingRelation(scope, schema, table, star.Location);
        }

        var result = new List<(string, BoundExpression)>();
        var found = false;
        foreach (var item in scope.Namespace)
        {
            if (item.ColumnsVisible)
            {
                found = true;
                result.AddRange(ExpandItem(item, 0, star.Location));
            }
        }

        return found ? result : throw Error(SqlState.SyntaxError, "SELECT * with no tables specified is not valid", star.Location);
    }

    private static List<(string Name, BoundExpression Value)> ExpandItem(ScopeItem item, int levels, Location location)
    {
        var result = new List<(string, BoundExpression)>(item.Columns.Length);
        for (var i = 0; i < item.Names.Count; i++)
        {
            if (item.Columns[i] is { Relation: not 0 } column)
            {
                result.Add((item.Names[i], new Var(column.Relation, column.Attribute, levels, column.Type, column.Collation, location)));
            }
        }

        return result;
    }

    /// <summary><c>(row).*</c>: the fields of a row value.</summary>
    private List<(string Name, BoundExpression Value)> ExpandRow(Indirection indirection, Scope scope)
    {
        var steps = indirection.Steps.Span[..^1];
        var value = BindExpression(indirection.Operand, scope);
        if (steps.Length > 0)
        {
            value = BindSteps(value, steps, scope);
        }

        if (value is Var { Attribute: 0 } row)
        {
            return ExpandItem(scope.Up(row.LevelsUp).Items[row.Relation - 1], row.LevelsUp, row.Location);
        }

        var fields = FieldsOf(value, scope) ?? throw (value.Type.Oid == PgTypes.Record
            ? Error(SqlState.WrongObjectType, "record type has not been registered")
            : Error(SqlState.WrongObjectType, $"type {_types.Format(value.Type.Oid)} is not composite"));
        var result = new List<(string, BoundExpression)>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            if (!fields[i].Dropped)
            {
                result.Add((fields[i].Name, new FieldSelectExpr(value, (short)(i + 1), fields[i].Type, fields[i].Collation, Location.None)));
            }
        }

        return result;
    }

    /// <summary>Notes which entries are plain columns of tables, for the description of the result.</summary>
    private static void MarkOrigins(List<TargetEntry> targets, Scope scope)
    {
        Surroundings? around = null;
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Value is Var column && OriginOf(column, around ??= SurroundingsOf(scope)!) is var (table, number) && table != 0)
            {
                targets[i] = targets[i] with { TableOid = table, TableColumn = number };
            }
        }
    }

    private static (uint Table, short Column) OriginOf(Var column, Surroundings around)
    {
        var place = around.Up(column.LevelsUp)!;
        switch (place.Relations[column.Relation - 1])
        {
            case RelationEntry entry:
                return (entry.Relation.Oid, column.Attribute);
            case SubqueryEntry entry when column.Attribute > 0:
                var target = entry.Query.Visible.ElementAt(column.Attribute - 1);
                return (target.TableOid, target.TableColumn);
            case CommonTableEntry { SelfReference: false } entry when column.Attribute > 0 && place.Up(entry.LevelsUp)?.Table(entry.Table) is { } query:
                var common = query.Visible.ElementAt(column.Attribute - 1);
                return (common.TableOid, common.TableColumn);
            default:
                return (0, 0);
        }
    }

    /// <summary>Output columns whose type nothing has decided become text.</summary>
    private void ResolveUnknowns(List<TargetEntry> targets)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Value.Type.Oid == PgTypes.Unknown)
            {
                targets[i] = targets[i] with { Value = ToText(targets[i].Value) };
            }
        }
    }

    private BoundExpression ToText(BoundExpression value) =>
        _resolver.Coerce(value, new PgType(PgTypes.Text), CoercionContext.Implicit, CallForm.ImplicitCast, Location.None)!;
}
