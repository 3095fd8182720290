using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <content>Expressions but for calls and constants.</content>
internal sealed partial class Deparser
{
    private readonly Stack<BoundExpression?> _caseOperands = new();

    /// <param name="showImplicit">Conversions that the context asked for are printed too.</param>
    private void Write(BoundExpression value, bool showImplicit)
    {
        switch (value)
        {
            case Var e:
                Add(VariableName(e));
                break;
            case Const e:
                WriteConstant(e, Label.AsNeeded);
                break;
            case Param e:
                Add($"${e.Number}");
                break;
            case FuncExpr e:
                WriteFunction(e, showImplicit);
                break;
            case OpExpr e:
                WriteOperator(e);
                break;
            case BoolExpr e:
                WriteBoolean(e);
                break;
            case RelabelExpr e:
                WriteCoercion(e, e.Argument, e.Form, e.Type, showImplicit);
                break;
            case CoerceViaIOExpr e:
                WriteCoercion(e, e.Argument, e.Form, e.Type, showImplicit);
                break;
            case ArrayCoerceExpr e:
                WriteCoercion(e, e.Argument, e.Form, e.Type, showImplicit);
                break;
            case CoerceToDomainExpr e:
                WriteCoercion(e, e.Argument, e.Form, e.Type, showImplicit);
                break;
            case CollateExpr e:
                WriteCollate(e);
                break;
            case CaseExpr e:
                WriteCase(e);
                break;
            case CaseTestExpr:
                Add(_caseOperands.Count > 0 ? "CASE_TEST_EXPR" : "VALUE");
                break;
            default:
                WriteOther(value, showImplicit);
                break;
        }
    }

    private void WriteOther(BoundExpression value, bool showImplicit)
    {
        switch (value)
        {
            case ScalarArrayOpExpr e:
                WriteArrayComparison(e);
                break;
            case DistinctExpr e:
                Open();
                WriteWithin(e.Left, showImplicit: true, e);
                Add(" IS DISTINCT FROM ");
                WriteWithin(e.Right, showImplicit: true, e);
                Close();
                break;
            case NullIfExpr e:
                Add("NULLIF(");
                WriteList([e.Left, e.Right]);
                Add(')');
                break;
            case CoalesceExpr e:
                Add("COALESCE(");
                WriteList(e.Arguments);
                Add(')');
                break;
            case MinMaxExpr e:
                Add(e.Greatest ? "GREATEST(" : "LEAST(");
                WriteList(e.Arguments);
                Add(')');
                break;
            case NullTestExpr e:
                WriteTest(e, e.Argument, e.Not ? " IS NOT NULL" : " IS NULL");
                break;
            case BooleanTestExpr e:
                WriteTest(e, e.Argument, (e.Not ? " IS NOT " : " IS ") + e.Kind.ToString().ToUpperInvariant());
                break;
            case ArrayExpr e:
                Add("ARRAY[");
                WriteList(e.Items);
                Add(e.Items.Count > 0 ? "]" : $"]::{_names.TypeName(e.Type.Oid, -1)}");
                break;
            case RowExpr e:
                Add("ROW(");
                WriteList(e.Items);
                Add(')');
                break;
            case RowCompareExpr e:
                WriteRowComparison(e);
                break;
            case FieldSelectExpr e:
                WriteField(e);
                break;
            case SubscriptingExpr e:
                WriteSubscripts(e);
                break;
            case SqlValueExpr e:
                Add(NameOf(e));
                break;
            case SetToDefaultExpr:
                Add("DEFAULT");
                break;
            case SubLink e:
                WriteSubLink(e);
                break;
            case Aggref e:
                WriteAggregate(e);
                break;
            case WindowFunc e:
                WriteWindowCall(e);
                break;
            default:
                throw new DialectException(SqlState.FeatureNotSupported, $"a definition with a {value.GetType().Name} is not supported");
        }

        _ = showImplicit;
    }

    private void WriteOperator(OpExpr e)
    {
        Open();
        if (e.Arguments is [var left, var right])
        {
            WriteWithin(left, showImplicit: true, e);
            Add($" {e.Operator.Name} ");
            WriteWithin(right, showImplicit: true, e);
        }
        else
        {
            Add($"{e.Operator.Name} ");
            WriteWithin(e.Arguments[0], showImplicit: true, e);
        }

        Close();
    }

    private void WriteTest(BoundExpression e, BoundExpression argument, string test)
    {
        Open();
        WriteWithin(argument, showImplicit: true, e);
        Add(test);
        Close();
    }

    private void WriteBoolean(BoolExpr e)
    {
        Open();
        Add(e.Operator == BoolOperator.Not ? "NOT " : "");
        for (var i = 0; i < e.Arguments.Count; i++)
        {
            Add(i == 0 ? "" : e.Operator == BoolOperator.And ? " AND " : " OR ");
            WriteWithin(e.Arguments[i], showImplicit: false, e);
        }

        Close();
    }

    private void WriteArrayComparison(ScalarArrayOpExpr e)
    {
        Open();
        WriteWithin(e.Scalar, showImplicit: true, e);
        Add($" {e.Operator.Name} {(e.Any ? "ANY" : "ALL")} (");
        WriteWithin(e.Array, showImplicit: true, e);

        // A query here would be read as one over rows.
        Add(e.Array is SubLink { Kind: SubLinkKind.Expression } ? $"::{_names.TypeName(e.Array.Type.Oid, e.Array.Type.Modifier)})" : ")");
        Close();
    }

    private void WriteRowComparison(RowCompareExpr e)
    {
        Add("(ROW(");
        WriteList(e.Left);
        Add($") {e.Operators[0].Name} ROW(");
        WriteList(e.Right);
        Add("))");
    }

    private void WriteCollate(CollateExpr e)
    {
        Open();
        WriteWithin(e.Argument, showImplicit: true, e);
        Add($" COLLATE {Identifiers.Quote(SchemaNames.CollationName(e.Collation) ?? "default")}");
        Close();
    }

    private void WriteCase(CaseExpr e)
    {
        Line("CASE", 0, IndentVariable, 0);
        if (e.Operand is not null)
        {
            Add(' ');
            Write(e.Operand, showImplicit: true);
        }

        _caseOperands.Push(e.Operand);
        foreach (var arm in e.Arms)
        {
            Space();
            Line("WHEN ", 0, 0, 0);
            Write(e.Operand is null ? arm.Condition : Compared(arm.Condition), showImplicit: false);
            Add(" THEN ");
            Write(arm.Result, showImplicit: true);
        }

        _caseOperands.Pop();
        Space();
        Line("ELSE ", 0, 0, 0);
        Write(e.Default, showImplicit: true);
        Space();
        Line("END", -IndentVariable, 0, 0);
    }

    private void Space()
    {
        if (!_indents)
        {
            Add(' ');
        }
    }

    /// <summary>In CASE x WHEN y the condition is a comparison with x, of which y is printed.</summary>
    private static BoundExpression Compared(BoundExpression condition) =>
        condition is OpExpr { Arguments: [var left, var right] } && IsCaseTest(left) ? right : condition;

    private static bool IsCaseTest(BoundExpression value) => value switch
    {
        CaseTestExpr => true,
        RelabelExpr { Form: CallForm.ImplicitCast } e => IsCaseTest(e.Argument),
        FuncExpr { Form: CallForm.ImplicitCast, Arguments: [var only] } => IsCaseTest(only),
        _ => false,
    };

    private void WriteField(FieldSelectExpr e)
    {
        var bare = e.Argument is SubscriptingExpr or FieldSelectExpr;
        Add(bare ? "" : "(");
        Write(e.Argument, showImplicit: true);
        Add(bare ? "." : ").");
        Add(Identifiers.Quote(FieldName(e)));
    }

    private string FieldName(FieldSelectExpr e) => e.Argument is RowExpr row
        ? row.Names[e.Field - 1]
        : _schema.FindType(e.Argument.Type.Oid) is { RelationOid: not 0 } type && _schema.FindRelation(type.RelationOid) is { } relation
            ? relation.Attributes[e.Field - 1].Name
            : $"f{e.Field}";

    private void WriteSubscripts(SubscriptingExpr e)
    {
        var bare = e.Container is Var or FieldSelectExpr;
        Add(bare ? "" : "(");
        Write(e.Container, showImplicit: true);
        Add(bare ? "" : ")");
        for (var i = 0; i < e.Upper.Count; i++)
        {
            Add('[');
            if (e.Lower is { } lower)
            {
                WriteBound(lower[i]);
                Add(':');
            }

            WriteBound(e.Upper[i]);
            Add(']');
        }
    }

    private void WriteBound(BoundExpression? value)
    {
        if (value is not null)
        {
            Write(value, showImplicit: false);
        }
    }

    private static string NameOf(SqlValueExpr e)
    {
        var precision = e.Type.Modifier >= 0 ? $"({e.Type.Modifier})" : "";
        return e.Kind switch
        {
            SqlValueKind.CurrentDate => "CURRENT_DATE",
            SqlValueKind.CurrentTime => "CURRENT_TIME" + precision,
            SqlValueKind.CurrentTimestamp => "CURRENT_TIMESTAMP" + precision,
            SqlValueKind.Localtime => "LOCALTIME" + precision,
            SqlValueKind.Localtimestamp => "LOCALTIMESTAMP" + precision,
            SqlValueKind.CurrentRole => "CURRENT_ROLE",
            SqlValueKind.CurrentUser => "CURRENT_USER",
            SqlValueKind.User => "USER",
            SqlValueKind.SessionUser => "SESSION_USER",
            SqlValueKind.CurrentCatalog => "CURRENT_CATALOG",
            _ => "CURRENT_SCHEMA",
        };
    }

    /// <summary>A column's name, with its relation's in a query.</summary>
    private string VariableName(Var v, bool topLevel = false)
    {
        var names = _queries[^(v.LevelsUp + 1)];
        if (names.Query is not { } query)
        {
            return v.Attribute == 0
                ? $"{Identifiers.Quote(names.Single!.Name)}.*"
                : Identifiers.Quote(v.Attribute < 0 ? SystemColumn(v.Attribute) : names.Single!.Attributes[v.Attribute - 1].Name);
        }

        var entry = query.Relations[v.Relation - 1];
        if (entry is JoinEntry { Alias: null } join && v.Attribute > 0)
        {
            // Such a join has no name; its columns are those of its sides, or are merged and stand alone.
            return join.Values[v.Attribute - 1] is Var side && !join.Using.Contains(join.Columns[v.Attribute - 1])
                ? VariableName(side with { LevelsUp = side.LevelsUp + v.LevelsUp })
                : Identifiers.Quote(join.Columns[v.Attribute - 1]);
        }

        var prefix = names.Relations[v.Relation - 1] is { } name ? Identifiers.Quote(name) + "." : "";
        return v.Attribute switch
        {
            0 when topLevel => $"{prefix}*::{_names.TypeName(v.Type.Oid, v.Type.Modifier)}",
            0 => $"{prefix}*",
            < 0 => prefix + SystemColumn(v.Attribute),
            _ => prefix + Identifiers.Quote(ColumnName(entry, v.Attribute - 1)),
        };
    }

    private static string SystemColumn(short attribute) => attribute switch
    {
        -1 => "ctid",
        -2 => "xmin",
        -3 => "cmin",
        -4 => "xmax",
        -5 => "cmax",
        _ => "tableoid",
    };

    private static string NameOf(PgFunction function) => Identifiers.Quote(function.Name);
}
