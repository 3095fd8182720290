using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// UNION, INTERSECT, EXCEPT. SQLite runs them from left to right without precedence or parentheses, so an operation within one on its right is a
/// subquery, and the ALL forms of INTERSECT and EXCEPT number equal rows.
/// </content>
internal sealed partial class QueryLowering
{
    /// <summary>The most operands of one chain; SQLite's limit is 500.</summary>
    private const int OperandsMax = 400;

    private void WriteSetOperations(BoundQuery query)
    {
        var tree = query.SetOperations!;
        var outputs = OutputsOf(query);
        var enumOrder = query.OrderBy.Any(clause => RequireOrder(TargetOf(query, clause).Value, "ordering by").EnumOid != 0);
        if (!enumOrder && query.OrderBy.All(clause => OrdinalOf(query, outputs, clause) > 0))
        {
            WriteOperation(tree);
            WriteOrderBy(query.OrderBy, clause => OrdinalOf(query, outputs, clause));
            WriteLimit(query);
            return;
        }

        var alias = NextAlias();
        _sql.Add("SELECT ").Add(alias).Add(".* FROM (");
        WriteOperation(tree);
        _sql.Add(") AS ").Add(alias);
        for (var i = 0; i < query.OrderBy.Count; i++)
        {
            var clause = query.OrderBy[i];
            var place = OrdinalOf(query, outputs, clause);
            _sql.Add(i > 0 ? ", " : " ORDER BY ");
            if (place == 0)
            {
                throw NotSupported("ordering a set operation by an expression", TargetOf(query, clause).Value.Location);
            }

            WriteSortKey(new Fragment($"{alias}.c{place}", TargetOf(query, clause).Value.Type), clause);
        }

        WriteLimit(query);
    }

    private void WriteOperation(SetOperationTree tree)
    {
        if ((tree.Operator != SetOperator.Union || !tree.All) && tree.Types.Any(type => IsRowType(type, Schema)))
        {
            throw AreNotSupported("distinct rows as values", Location.None);
        }

        if (NeedsNumbers(tree))
        {
            WriteNumbered(tree);
            return;
        }

        if (KeepsFirst(tree))
        {
            WriteFirstOfEach(tree);
            return;
        }

        // The left operand continues the chain; operations of thousands of operands are such chains.
        var chain = new List<SetOperationTree> { tree };
        while (chain[^1].Left.Operation is { } left && !NeedsNumbers(left) && !KeepsFirst(left))
        {
            chain.Add(left);
        }

        chain.Reverse();
        var breaks = (chain.Count - 1) / OperandsMax;
        for (var i = 0; i < breaks; i++)
        {
            _sql.Add("SELECT * FROM (");
        }

        WriteOperand(chain[0].Left, chain[0].Types);
        for (var i = 0; i < chain.Count; i++)
        {
            if (i > 0 && i % OperandsMax == 0)
            {
                _sql.Add(")");
            }

            _sql.Add(Keyword(chain[i]));
            WriteOperand(chain[i].Right, chain[i].Types);
        }
    }

    /// <summary>
    /// A UNION over values that may be equal and look different, such as 1.0 and 1.00: PostgreSQL shows the first one, SQLite's UNION the last.
    /// </summary>
    private bool KeepsFirst(SetOperationTree tree) => tree is { Operator: SetOperator.Union, All: false }
        && tree.Types.Any(type => StoredTypes.OrderOf(type, Schema)?.Collation?.StartsWith("pg_", StringComparison.Ordinal) == true);

    private void WriteFirstOfEach(SetOperationTree tree)
    {
        // Unions that follow one another from the left are one list of operands.
        var operands = new List<SetOperand> { tree.Right };
        var left = tree.Left;
        while (left.Operation is { Operator: SetOperator.Union } union && union.Types.SequenceEqual(tree.Types) && operands.Count < OperandsMax)
        {
            operands.Add(union.Right);
            left = union.Left;
        }

        operands.Add(left);
        operands.Reverse();
        var alias = NextAlias();
        _sql.Add("SELECT DISTINCT ");
        for (var i = 0; i < tree.Types.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "").Add($"{alias}.c{i + 1}");
            AddCollation(StoredTypes.OrderOf(tree.Types[i], Schema)?.Collation);
            _sql.Add($" AS c{i + 1}");
        }

        for (var i = 0; i < operands.Count; i++)
        {
            _sql.Add(i > 0 ? " UNION ALL " : " FROM (");
            WriteOperand(operands[i], tree.Types);
        }

        _sql.Add(") AS ").Add(alias);
    }

    private static string Keyword(SetOperationTree tree) => tree.Operator switch
    {
        SetOperator.Union when tree.All => " UNION ALL ",
        SetOperator.Union => " UNION ",
        SetOperator.Intersect => " INTERSECT ",
        _ => " EXCEPT ",
    };

    private static bool NeedsNumbers(SetOperationTree tree) => tree is { All: true, Operator: not SetOperator.Union };

    /// <summary>
    /// INTERSECT ALL and EXCEPT ALL: equal rows are numbered on both sides, so that the plain operation takes or leaves as many as it should.
    /// </summary>
    private void WriteNumbered(SetOperationTree tree)
    {
        var alias = NextAlias();
        _sql.Add("SELECT ");
        for (var i = 0; i < tree.Types.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "").Add($"{alias}.c{i + 1}");
            AddCollation(StoredTypes.OrderOf(tree.Types[i], Schema)?.Collation);
            _sql.Add($" AS c{i + 1}");
        }

        _sql.Add(tree.Types.Count == 0 ? "NULL FROM (" : " FROM (");
        WriteNumberedSide(tree.Left, tree.Types);
        _sql.Add(Keyword(tree));
        WriteNumberedSide(tree.Right, tree.Types);
        _sql.Add(") AS ").Add(alias);
    }

    private void WriteNumberedSide(SetOperand side, NodeList<PgType> types)
    {
        var alias = NextAlias();
        var columns = string.Join(", ", types.Select((type, i) =>
        {
            RequireOrder(new Fragment("", type), "set operations over");
            return $"{alias}.c{i + 1}" + (StoredTypes.OrderOf(type, Schema)?.Collation is { } collation ? " COLLATE " + collation : "");
        }));
        _sql.Add("SELECT ");
        for (var i = 0; i < types.Count; i++)
        {
            _sql.Add($"{alias}.c{i + 1}");
            AddCollation(StoredTypes.OrderOf(types[i], Schema)?.Collation);
            _sql.Add($" AS c{i + 1}, ");
        }

        _sql.Add(types.Count == 0 ? "row_number() OVER () AS number FROM (" : $"row_number() OVER (PARTITION BY {columns}) AS number FROM (");
        if (_context.Volatile)
        {
            WriteFenced(Fence.Lazy, () => WriteOperand(side, types));
        }
        else
        {
            WriteOperand(side, types);
        }

        _sql.Add(") AS ").Add(alias);
    }

    /// <summary>An operand as a SELECT without ORDER BY and LIMIT of its own.</summary>
    private void WriteOperand(SetOperand operand, NodeList<PgType> types)
    {
        if (operand.Operation is { } operation)
        {
            _sql.Add("SELECT * FROM (");
            WriteOperation(operation);
            _sql.Add(")");
            return;
        }

        var query = ((SubqueryEntry)Current.Query.Relations[operand.Relation - 1]).Query;
        if (IsPlain(query))
        {
            query = Staged(query);
        }

        var outputs = OutputsOf(query);
        if (IsPlain(query))
        {
            // A plain SELECT is an operand as it is.
            var saved = (_scope, _replaced, _lifted);
            (_scope, _replaced, _lifted) = (NewScope(query, _scope), null, LiftingMode.None);
            WriteCore(query, [.. outputs.Select((target, i) => target with { Value = Converted(target.Value, types[i]) })]);
            (_scope, _replaced, _lifted) = saved;
            return;
        }

        var alias = NextAlias();
        _sql.Add("SELECT ");
        for (var i = 0; i < outputs.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteComparable(Converted(new Fragment($"{alias}.c{i + 1}", outputs[i].Value.Type), types[i]));
            _sql.Add($" AS c{i + 1}");
        }

        _sql.Add(outputs.Count == 0 ? "NULL FROM (" : " FROM (");
        WriteQuery(query, _scope);
        _sql.Add(") AS ").Add(alias);
    }

    private static bool IsPlain(BoundQuery query) => query.SetOperations is null && query.CommonTables.Count == 0 && query.OrderBy.Count == 0
        && query.Limit is null && query.Offset is null && !query.DistinctOn && !query.WithTies;

    /// <summary>
    /// The conversion of a set operation's operand to the common type, where the binder has left it to the operation as PostgreSQL's does.
    /// </summary>
    private static BoundExpression Converted(BoundExpression value, PgType type)
    {
        if (value.Type.Oid == type.Oid || type.Oid is PgTypes.Unknown or 0)
        {
            return value;
        }

        if (value is Const { Text: null } constant)
        {
            return constant with { Type = type };
        }

        var cast = Builtins.FindCast(value.Type.Oid, type.Oid);
        if (cast is { Function: not 0 } && Builtins.FindFunction(cast.Function) is { Arguments.Count: 1 } function)
        {
            return new FuncExpr(function, [value], CallForm.ImplicitCast, false, type, 0, 0, value.Location);
        }

        return cast is { Method: 'b' }
            ? new RelabelExpr(value, CallForm.ImplicitCast, type, 0, value.Location)
            : new CoerceViaIOExpr(value, CallForm.ImplicitCast, type, 0, value.Location);
    }
}
