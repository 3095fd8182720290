using System.Runtime.CompilerServices;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// Expressions. Each is written as an operand: a name, a literal, a call or something in parentheses. Methods stay small, since an expression may
/// nest a thousand levels.
/// </content>
internal sealed partial class QueryLowering
{
    private LiftingMode _lifted;

    /// <summary>The expression that the nearest <see cref="CaseTestExpr"/> stands for.</summary>
    private BoundExpression? _tested;

    private void Write(BoundExpression expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            WriteOnThread(expression);
            return;
        }

        if (_replaced is not null && _replaced.TryGetValue(expression, out var sql))
        {
            _sql.Enter();
            _sql.Add(sql);
            _sql.Leave();
            return;
        }

        var lifted = _lifted;
        if (lifted == LiftingMode.Condition && MayBeIndexed(expression))
        {
            _lifted = LiftingMode.None;
        }

        _sql.Enter();
        switch (expression)
        {
            case Var v:
                WriteVar(v);
                break;
            case Const c:
                WriteConst(c);
                break;
            case Param p when StoredTypes.Base(p.Type, Schema) is var carrier && carrier.Oid != p.Type.Oid:
                // A client sends any value of the type under the domain.
                WriteCoerceToDomain(new CoerceToDomainExpr(p with { Type = carrier }, CallForm.ExplicitCast, p.Type, p.Collation, p.Location));
                break;
            case Param p:
                WriteParameter(p);
                break;
            case Fragment f:
                _sql.Add(f.Sql);
                break;
            case OpExpr o:
                WriteOperator(o);
                break;
            case FuncExpr f:
                WriteFunction(f);
                break;
            case BoolExpr b:
                WriteBoolean(b);
                break;
            case RelabelExpr r:
                WriteRelabel(r);
                break;
            case CollateExpr c:
                Write(c.Argument);
                break;
            case SubLink s:
                WriteSubLink(s);
                break;
            case Aggref a:
                WriteAggregate(a);
                break;
            case WindowFunc w:
                WriteWindowFunction(w);
                break;
            default:
                WriteOther(expression);
                break;
        }

        _sql.Leave();
        _lifted = lifted;
    }

    // Its closure must not be made each time.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteOnThread(BoundExpression expression) => DeepTrees.RunOnThread(() =>
    {
        Write(expression);
        return true;
    });

    /// <summary>True for an expression that an index may hold, with its constants: an index on <c>x -&gt; 'a'</c> serves no <c>x -&gt; ?1</c>.</summary>
    private static bool MayBeIndexed(BoundExpression expression) =>
        expression is not (Const or Var or Param) && expression.Type.Oid != PgTypes.Bool && Trees.Any(expression, (e, _) => e is Var);

    private void WriteOther(BoundExpression expression)
    {
        switch (expression)
        {
            case CaseExpr c:
                WriteCase(c);
                break;
            case PaddedText p:
                WritePadded(p);
                break;
            case JsonArrayField f:
                WriteJsonArray(f);
                break;
            case Collected c:
                WriteCollected(c);
                break;
            case TestedBy t:
                WriteTesting(t.Value, () => Write(t.Body));
                break;
            case CaseTestExpr when _tested is { } tested:
                Write(tested);
                break;
            case ScalarArrayOpExpr a:
                WriteArrayComparison(a, filter: false);
                break;
            case DistinctExpr d:
                WriteDistinct(d);
                break;
            case NullIfExpr n:
                WriteNullIf(n);
                break;
            case CoerceViaIOExpr c:
                WriteCoerceViaIO(c);
                break;
            case ArrayCoerceExpr a:
                WriteArrayCoerce(a);
                break;
            case CoerceToDomainExpr d:
                WriteCoerceToDomain(d);
                break;
            case CoalesceExpr c:
                WriteCoalesce(c);
                break;
            case MinMaxExpr m:
                WriteMinMax(m);
                break;
            case NullTestExpr n:
                WriteNullTest(n);
                break;
            case BooleanTestExpr b:
                WriteBooleanTest(b);
                break;
            case ArrayExpr a:
                WriteArray(a);
                break;
            case RowCompareExpr r:
                WriteRowCompare(r);
                break;
            case FieldSelectExpr f:
                WriteFieldSelect(f);
                break;
            case SubscriptingExpr s:
                WriteSubscripting(s);
                break;
            case SubscriptAssignExpr s:
                WriteSubscriptAssignment(s);
                break;
            case SqlValueExpr s:
                WriteSqlValue(s);
                break;
            case RowExpr r:
                WriteRow(r);
                break;
            case SetToDefaultExpr d:
                throw NotSupported("DEFAULT here", d.Location);
            default:
                throw new InvalidOperationException($"There is no lowering for {expression.GetType().Name}.");
        }
    }

    /// <summary>
    /// Writes a condition that decides about rows: NULL counts as false there, which allows simpler forms.
    /// </summary>
    private void WriteCondition(BoundExpression condition)
    {
        using var lifting = Lifting(LiftingMode.Condition);
        var saved = _sql.BeginRoot();
        if (_context.Volatile && Trees.IsVolatile(condition))
        {
            WriteVolatileCondition(condition);
        }
        else
        {
            WriteFilter(condition);
        }

        _sql.EndRoot(saved);
    }

    /// <summary>
    /// The terms in PostgreSQL's order. An index would be asked with the value that a volatile function has once, so none may serve such a term.
    /// </summary>
    private void WriteVolatileCondition(BoundExpression condition)
    {
        var terms = VolatileConditions.Terms(condition);
        _sql.Enter(3);
        for (var i = 0; i < terms.Count; i++)
        {
            var isVolatile = Trees.IsVolatile(terms[i]);
            _sql.Add(i > 0 ? " AND " : "").Add(isVolatile ? "(" : "");
            WriteFilter(terms[i]);
            _sql.Add(isVolatile ? " IS TRUE)" : "");
        }

        _sql.Leave(3);
    }

    private void WriteFilter(BoundExpression condition)
    {
        switch (condition)
        {
            case BoolExpr { Operator: BoolOperator.And } all:
                WriteJunction(all.Arguments, " AND ", WriteFilter);
                break;
            case BoolExpr { Operator: BoolOperator.Or } any when CommonFactors.Of(any, _context.Lifting) is { } factored:
                WriteFilter(factored);
                break;
            case BoolExpr { Operator: BoolOperator.Or } any:
                WriteJunction(any.Arguments, " OR ", WriteFilter);
                break;
            case ScalarArrayOpExpr array:
                _sql.Enter();
                WriteArrayComparison(array, filter: true);
                _sql.Leave();
                break;
            default:
                Write(condition);
                break;
        }
    }

    private void WriteBoolean(BoolExpr expression)
    {
        switch (expression.Operator)
        {
            case BoolOperator.Not:
                _sql.Add("(NOT ");
                Write(expression.Arguments[0]);
                _sql.Add(")");
                break;
            case BoolOperator.And:
                WriteJunction(expression.Arguments, " AND ", Write);
                break;
            default:
                WriteJunction(expression.Arguments, " OR ", Write);
                break;
        }
    }

    /// <summary>AND or OR of any number of operands, as a balanced tree: a chain of thousands would exceed SQLite's depth.</summary>
    private void WriteJunction(NodeList<BoundExpression> operands, string keyword, Action<BoundExpression> write)
    {
        const int chainMax = 8;
        var inOrder = _context.Volatile && operands.Any(Trees.IsVolatile);
        if (inOrder && operands.FirstOrDefault(operand => Decides(operand, keyword)) is { } constant)
        {
            // PostgreSQL looks at none of the others.
            write(constant);
            return;
        }

        void WriteRange(int start, int count)
        {
            if (count == 1)
            {
                if (inOrder && start > 0)
                {
                    WriteAsSecond(() => write(operands[start]));
                }
                else
                {
                    write(operands[start]);
                }

                return;
            }

            _sql.Add("(");
            if (count <= chainMax)
            {
                _sql.Enter(count - 1);
                for (var i = 0; i < count; i++)
                {
                    _sql.Add(i > 0 ? keyword : "");
                    WriteRange(start + i, 1);
                }

                _sql.Leave(count - 1);
            }
            else
            {
                _sql.Enter();
                WriteRange(start, count / 2);
                _sql.Add(keyword);
                WriteRange(start + (count / 2), count - (count / 2));
                _sql.Leave();
            }

            _sql.Add(")");
        }

        WriteRange(0, operands.Count);
    }

    /// <summary>A constant that is all of an AND or OR that it stands in.</summary>
    private bool Decides(BoundExpression operand, string keyword) =>
        operand is Const { Type.Oid: PgTypes.Bool } constant && Known(constant) is { } text && text.StartsWith('t') == (keyword == " OR ");

    /// <summary>
    /// An operand that SQLite computes after the one before it, and only if that does not decide: such are operands with a query in them.
    /// </summary>
    private void WriteAsSecond(Action write)
    {
        _sql.Enter(3);
        _sql.Add("coalesce(");
        write();
        _sql.Add(", (SELECT NULL))");
        _sql.Leave(3);
    }

    private void WriteCase(CaseExpr expression)
    {
        if (expression.Operand is null)
        {
            _sql.Add("CASE");
            WriteArms(expression);
            return;
        }

        if (IsSimple(expression.Operand) || expression.Operand is CaseTestExpr)
        {
            var saved = _tested;
            _tested = expression.Operand is CaseTestExpr ? saved : expression.Operand;
            _sql.Add("CASE");
            WriteArms(expression);
            _tested = saved;
            return;
        }

        // The operand is computed once.
        WriteLet(expression.Operand, operand => WriteTesting(operand, () =>
        {
            _sql.Add("CASE");
            WriteArms(expression);
        }));
    }

    private void WriteArms(CaseExpr expression)
    {
        foreach (var arm in expression.Arms)
        {
            _sql.Add(" WHEN ");
            Write(arm.Condition);
            _sql.Add(" THEN ");
            Write(arm.Result);
        }

        _sql.Add(" ELSE ");
        Write(expression.Default);
        _sql.Add(" END");
    }

    /// <summary>An expression that may be written several times instead of once.</summary>
    private static bool IsSimple(BoundExpression expression) => expression switch
    {
        Var or Const or Param or Fragment => true,
        RelabelExpr r => IsSimple(r.Argument),
        CollateExpr c => IsSimple(c.Argument),
        _ => false,
    };

    /// <summary>
    /// Computes a value once for an expression that needs it several times: a scalar subquery over a row that holds it.
    /// </summary>
    private void WriteLet(BoundExpression value, Action<BoundExpression> writeBody)
    {
        if (_context.InDefinition)
        {
            throw AreNotSupported("expressions of this form in definitions of the schema", value.Location);
        }

        if (StaysInPlace(value))
        {
            WriteRepeated([value], () => writeBody(value));
            return;
        }

        var alias = NextAlias();
        _sql.Add("(SELECT ");
        writeBody(new Fragment(alias + ".x", value.Type, value.Collation));
        _sql.Add(" FROM (SELECT ");
        Write(value);
        _sql.Add(" AS x");
        WriteAnchor(_context.Volatile && Trees.IsVolatile(value));
        _sql.Add(") AS ").Add(alias).Add(")");
    }

    /// <summary>
    /// A column more in a query that computes a volatile value: one of the rows that the value is for, since SQLite runs a query that names nothing outside
    /// once a statement.
    /// </summary>
    private void WriteAnchor(bool isVolatile)
    {
        if (isVolatile && Anchor() is { } anchor)
        {
            _sql.Add(", ").Add(anchor).Add(" AS y");
        }
    }

    private void WriteAnchorCondition(bool isVolatile)
    {
        if (isVolatile && Anchor() is { } anchor)
        {
            _sql.Add($" WHERE {anchor} IS {anchor}");
        }
    }

    /// <summary>A column of the rows for which the lowering writes an expression; null where there is one row.</summary>
    private string? Anchor()
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Anchor is { } anchor)
            {
                return anchor;
            }

            if (!scope.IsHidden && AnchorOf(scope) is { } column)
            {
                return column;
            }
        }

        return null;
    }

    private static string? AnchorOf(Scope scope)
    {
        var open = new Stack<FromItem>(scope.Visible is { } visible ? [visible] : scope.Query.From.Reverse());
        if (scope.Query.Kind is QueryKind.Update or QueryKind.Delete)
        {
            open.Push(new FromRelation(scope.Query.Result));
        }

        while (open.TryPop(out var item))
        {
            if (item is FromJoin join)
            {
                open.Push(join.Right);
                open.Push(join.Left);
            }
            else if (ColumnOf(scope.Relations[((FromRelation)item).Relation - 1]) is { } column)
            {
                return column;
            }
        }

        return null;
    }

    private static string? ColumnOf(RelationNames relation)
    {
        var index = relation.Entry is RelationEntry { Relation: { } table }
            ? table.Attributes.TakeWhile(attribute => attribute.Dropped).Count()
            : 0;
        return index >= relation.Columns.Length ? null
            : relation.Qualifier.Length == 0 ? relation.Columns[index]
            : $"{relation.Qualifier}.{relation.Columns[index]}";
    }

    /// <summary>Writes a body within which a <see cref="CaseTestExpr"/> stands for a value.</summary>
    private void WriteTesting(BoundExpression tested, Action write)
    {
        var saved = _tested;
        _tested = tested;
        write();
        _tested = saved;
    }

    private void WriteCoalesce(CoalesceExpr expression)
    {
        if (expression.Arguments.Count == 1)
        {
            Write(expression.Arguments[0]);
            return;
        }

        _sql.Add("coalesce(");
        for (var i = 0; i < expression.Arguments.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            Write(expression.Arguments[i]);
        }

        _sql.Add(")");
    }

    private void WriteNullTest(NullTestExpr test)
    {
        if (test.RowTest && test.Argument is RowExpr row)
        {
            _sql.Add("(");
            _sql.Enter(row.Items.Count);
            for (var i = 0; i < row.Items.Count; i++)
            {
                _sql.Add(i > 0 ? " AND " : "");
                Write(row.Items[i]);
                _sql.Add(test.Not ? " IS NOT NULL" : " IS NULL");
            }

            _sql.Leave(row.Items.Count);
            _sql.Add(row.Items.Count == 0 ? "TRUE)" : ")");
            return;
        }

        if (test.Argument is Var { Attribute: 0 } whole)
        {
            WriteWholeRowTest(whole, test);
            return;
        }

        if (test.RowTest)
        {
            // A row of which only the text is known: IS NULL and IS NOT NULL ask about all of its fields.
            WriteCall(test.Not ? "pg_record_is_full(" : "pg_record_is_empty(", test.Argument, ")");
            return;
        }

        _sql.Add("(");
        Write(test.Argument);
        _sql.Add(test.Not ? " IS NOT NULL)" : " IS NULL)");
    }

    private void WriteBooleanTest(BooleanTestExpr test)
    {
        _sql.Add("(");
        Write(test.Argument);
        _sql.Add((test.Kind, test.Not) switch
        {
            (BooleanTestKind.True, false) => " IS TRUE)",
            (BooleanTestKind.True, true) => " IS NOT TRUE)",
            (BooleanTestKind.False, false) => " IS FALSE)",
            (BooleanTestKind.False, true) => " IS NOT FALSE)",
            (_, false) => " IS NULL)",
            _ => " IS NOT NULL)",
        });
    }

    private void WriteSqlValue(SqlValueExpr value)
    {
        var signature = value.Kind switch
        {
            SqlValueKind.CurrentDate => "date(timestamp with time zone)",
            SqlValueKind.CurrentTime => "timetz(timestamp with time zone)",
            SqlValueKind.Localtime => "time(timestamp with time zone)",
            SqlValueKind.Localtimestamp => "timestamp(timestamp with time zone)",
            SqlValueKind.CurrentTimestamp => "now()",
            SqlValueKind.CurrentCatalog => "current_database()",
            SqlValueKind.CurrentSchema => "current_schema()",
            SqlValueKind.SessionUser => "session_user()",
            _ => "current_user()",
        };
        var now = Call("now()", new PgType(PgTypes.TimestampTz), [], value.Location);
        var call = signature.EndsWith("()", StringComparison.Ordinal)
            ? Call(signature, value.Type with { Modifier = -1 }, [], value.Location)
            : Call(signature, value.Type with { Modifier = -1 }, [now], value.Location);
        if (value.Type.Modifier >= 0)
        {
            var scale = value.Kind switch
            {
                SqlValueKind.CurrentTime => "timetz(time with time zone,integer)",
                SqlValueKind.Localtime => "time(time without time zone,integer)",
                SqlValueKind.Localtimestamp => "timestamp(timestamp without time zone,integer)",
                _ => "timestamptz(timestamp with time zone,integer)",
            };
            var precision = new Const(
                value.Type.Modifier.ToString(System.Globalization.CultureInfo.InvariantCulture), new PgType(PgTypes.Int4), 0, Location.None);
            call = Call(scale, value.Type, [call, precision], value.Location);
        }

        WriteFunction(call);
    }

    private static FuncExpr Call(string signature, PgType type, NodeList<BoundExpression> arguments, Location location) =>
        new(
            Builtins.FindFunction(signature) ?? throw new InvalidOperationException($"pg_proc has no {signature}."), arguments, CallForm.Call, false, type,
            0, 0, location);

    private LiftingPart Lifting(LiftingMode mode = LiftingMode.Values) => new(this, mode);

    /// <summary>Which literals become parameters where the lowering is.</summary>
    private enum LiftingMode : byte
    {
        None,

        /// <summary>Those of a condition, but for those in expressions that an index may hold.</summary>
        Condition,
        Values,
    }

    /// <summary>Allows literals to become parameters until it is disposed of.</summary>
    private readonly ref struct LiftingPart
    {
        private readonly QueryLowering _lowering;
        private readonly LiftingMode _before;

        public LiftingPart(QueryLowering lowering, LiftingMode mode)
        {
            (_lowering, _before) = (lowering, lowering._lifted);
            lowering._lifted = mode;
        }

        public void Dispose() => _lowering._lifted = _before;
    }
}
