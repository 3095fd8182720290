using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteExpression(Expression expression) => WriteExpression(expression, 0);

    /// <summary>An expression, in parentheses if its operator binds looser than its place needs.</summary>
    private void WriteExpression(Expression expression, int precedence)
    {
        if (PrecedenceOf(expression) >= precedence)
        {
            WriteBare(expression);
            return;
        }

        Open();
        WriteBare(expression);
        Close();
    }

    private void WritePrimary(Expression expression) => WriteExpression(expression, Precedence.Primary);

    private void WriteExpressions(NodeList<Expression> expressions) => WriteList(expressions, WriteExpression);

    private void WriteParenthesized(Expression expression)
    {
        Open();
        WriteExpression(expression);
        Close();
    }

    /// <summary>An expression where the grammar allows only some operators.</summary>
    private void WriteRestricted(Expression expression)
    {
        if (IsRestricted(expression))
        {
            WriteBare(expression);
        }
        else
        {
            WriteParenthesized(expression);
        }
    }

    private static bool IsRestricted(Expression expression) => expression switch
    {
        OperatorExpression o => (o.Left is null || IsRestricted(o.Left)) && IsRestricted(o.Right),
        TypeCast c => IsRestricted(c.Operand),
        Constant or DefaultValue => expression is not DefaultValue,
        _ => PrecedenceOf(expression) == Precedence.Primary,
    };

    private static int PrecedenceOf(Expression expression) => expression switch
    {
        BooleanExpression b => b.Operator == BooleanOperator.And ? Precedence.And : Precedence.Or,
        NotExpression => Precedence.Not,
        NullTest or BooleanTest or DistinctTest or XmlExpression { Kind: XmlKind.IsDocument } => Precedence.Is,
        OperatorExpression o => OfOperator(o.Operator, o.Left is null),
        ArrayComparison c => OfQuantified(c.Operator),
        SubqueryExpression { Operand: not null } s => s.Operator is null ? Precedence.Match : OfQuantified(s.Operator),
        InList or LikeExpression or BetweenExpression => Precedence.Match,
        CollateExpression => Precedence.Collate,
        TypeCast => Precedence.Cast,
        Constant { Kind: ConstantKind.Integer or ConstantKind.Decimal } c when c.Text[0] == '-' => Precedence.UnaryMinus,
        FunctionCall f => f.Syntax switch
        {
            CallSyntax.AtTimeZone => Precedence.AtTimeZone,
            CallSyntax.IsNormalized => Precedence.Is,
            _ => Precedence.Primary,
        },
        _ => Precedence.Primary,
    };

    private static int OfOperator(NodeList<string> name, bool prefix) => name.Count > 1 ? Precedence.OtherOperator
        : prefix && name[0] is "-" or "+" ? Precedence.UnaryMinus
        : Precedence.OfOperator(name[0]);

    private static int OfQuantified(NodeList<string> name) => IsLike(name) ? Precedence.Match : OfOperator(name, false);

    private static bool IsLike(NodeList<string> name) => name is ["~~" or "!~~" or "~~*" or "!~~*"];

    private void WriteBare(Expression expression)
    {
        switch (expression)
        {
            case Constant c:
                WriteConstant(c);
                break;
            case Parameter p:
                Add("$" + p.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case ColumnReference c:
                WriteColumn(c);
                break;
            case Indirection i:
                WriteIndirection(i);
                break;
            case TypeCast c:
                WriteExpression(c.Operand, Precedence.Cast);
                Attach("::");
                WriteType(c.Type);
                break;
            case CollateExpression c:
                WriteExpression(c.Operand, Precedence.Collate);
                Add("COLLATE");
                WriteName(c.Collation);
                break;
            case OperatorExpression o:
                WriteOperatorExpression(o);
                break;
            case BooleanExpression b:
                WriteBoolean(b);
                break;
            case NotExpression n:
                Add("NOT");
                WriteExpression(n.Operand, Precedence.Not);
                break;
            case FunctionCall { Syntax: CallSyntax.AtTimeZone } f:
                WriteAtTimeZone(f);
                break;
            case FunctionCall f:
                WriteCall(f);
                break;
            default:
                if (!WriteTest(expression))
                {
                    WriteSpecial(expression);
                }

                break;
        }
    }

    private void WriteConstant(Constant constant)
    {
        switch (constant.Kind)
        {
            case ConstantKind.Null:
                Add("NULL");
                break;
            case ConstantKind.Boolean:
                Add(constant.Text == "true" ? "TRUE" : "FALSE");
                break;
            case ConstantKind.String:
                AddLiteral(constant.Text);
                break;
            case ConstantKind.BitString:
                Add("B" + Literal(constant.Text));
                break;
            case ConstantKind.HexString:
                Add("X" + Literal(constant.Text));
                break;
            default:
                Add(constant.Text);
                break;
        }
    }

    private void WriteColumn(ColumnReference column)
    {
        WriteName(column.Names);
        if (column.Star && column.Names.Count > 0)
        {
            Attach(".*");
        }
        else if (column.Star)
        {
            Add("*");
        }
    }

    private void WriteIndirection(Indirection indirection)
    {
        // Only names, parameters and parentheses may be followed by a subscript; a name with a field behind it would be a longer name.
        if (indirection.Operand is Parameter || (indirection.Operand is ColumnReference { Star: false } && indirection.Steps[0] is SubscriptStep
            or SliceStep)
            || indirection.Operand is SubqueryExpression { Kind: SubqueryKind.Scalar })
        {
            WriteBare(indirection.Operand);
        }
        else
        {
            WriteParenthesized(indirection.Operand);
        }

        WriteSteps(indirection.Steps);
    }

    private void WriteSteps(NodeList<IndirectionStep> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case FieldStep f:
                    Attach("." + Quote(f.Name));
                    break;
                case StarStep:
                    Attach(".*");
                    break;
                case SubscriptStep s:
                    Attach("[");
                    WriteExpression(s.Index);
                    Attach("]");
                    break;
                case SliceStep s:
                    Attach("[");
                    WriteOptional(s.Lower);
                    Add(":");
                    WriteOptional(s.Upper);
                    Attach("]");
                    break;
            }
        }
    }

    private void WriteOptional(Expression? expression)
    {
        if (expression is not null)
        {
            WriteExpression(expression);
        }
    }

    private void WriteOperatorExpression(OperatorExpression expression)
    {
        var own = OfOperator(expression.Operator, expression.Left is null);
        if (expression.Left is { } left)
        {
            WriteLeft(left, own, own != Precedence.Comparison);
            WriteOperator(expression.Operator);
            WriteExpression(expression.Right, own + 1);
            return;
        }

        WriteOperator(expression.Operator);
        WriteExpression(expression.Right, expression.Right is OperatorExpression { Left: null } ? own : own == Precedence.UnaryMinus ? own : own + 1);
    }

    /// <summary>
    /// The operand before an operator. One of the same precedence needs no parentheses if the operator associates to the left, or if nothing
    /// can join the operand's end.
    /// </summary>
    private void WriteLeft(Expression left, int precedence, bool associates = false)
    {
        var closed = left is InList or ArrayComparison or SubqueryExpression or NullTest or BooleanTest
            or FunctionCall { Syntax: CallSyntax.IsNormalized } or XmlExpression { Kind: XmlKind.IsDocument };
        WriteExpression(left, associates || closed ? precedence : precedence + 1);
    }

    private void WriteBoolean(BooleanExpression expression)
    {
        var own = PrecedenceOf(expression);
        for (var i = 0; i < expression.Operands.Count; i++)
        {
            AddIf(i > 0, expression.Operator == BooleanOperator.And ? "AND" : "OR");
            WriteExpression(expression.Operands[i], own + 1);
        }
    }

    private bool WriteTest(Expression expression)
    {
        switch (expression)
        {
            case NullTest t:
                WriteLeft(t.Operand, Precedence.Is);
                Add(t.Not ? "IS NOT NULL" : "IS NULL");
                return true;
            case BooleanTest t:
                WriteLeft(t.Operand, Precedence.Is);
                Add(t.Not ? "IS NOT" : "IS");
                Add(t.Kind == BooleanTestKind.True ? "TRUE" : t.Kind == BooleanTestKind.False ? "FALSE" : "UNKNOWN");
                return true;
            case DistinctTest t:
                WriteLeft(t.Left, Precedence.Is);
                Add(t.Not ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM");
                WriteExpression(t.Right, Precedence.Is + 1);
                return true;
            case InList i:
                WriteLeft(i.Operand, Precedence.Match);
                Add(i.Not ? "NOT IN" : "IN");
                WriteParenthesized(i.Items, WriteExpression);
                return true;
            case LikeExpression l:
                WriteLeft(l.Operand, Precedence.Match);
                AddIf(l.Not, "NOT");
                Add(l.Kind == LikeKind.Like ? "LIKE" : l.Kind == LikeKind.Ilike ? "ILIKE" : "SIMILAR TO");
                WriteExpression(l.Pattern, Precedence.Match + 1);
                if (l.Escape is { } escape)
                {
                    Add("ESCAPE");
                    WriteExpression(escape, Precedence.Match + 1);
                }

                return true;
            case BetweenExpression b:
                WriteLeft(b.Operand, Precedence.Match);
                AddIf(b.Not, "NOT");
                Add(b.Symmetric ? "BETWEEN SYMMETRIC" : "BETWEEN");
                WriteRestricted(b.Low);
                Add("AND");
                WriteExpression(b.High, Precedence.Match + 1);
                return true;
            case ArrayComparison c:
                WriteQuantifier(c.Left, c.Operator, c.All);
                WriteParenthesized(c.Array);
                return true;
            case SubqueryExpression s:
                WriteSubquery(s);
                return true;
            default:
                return false;
        }
    }

    private void WriteQuantifier(Expression left, NodeList<string> name, bool all)
    {
        WriteLeft(left, OfQuantified(name), OfQuantified(name) >= Precedence.OtherOperator);
        if (IsLike(name))
        {
            AddIf(name[0][0] == '!', "NOT");
            Add(name[0][^1] == '*' ? "ILIKE" : "LIKE");
        }
        else
        {
            WriteOperator(name);
        }

        Add(all ? "ALL" : "ANY");
    }

    private void WriteSubquery(SubqueryExpression subquery)
    {
        switch (subquery.Kind)
        {
            case SubqueryKind.Exists:
                Add("EXISTS");
                break;
            case SubqueryKind.Array:
                Add("ARRAY");
                break;
            case SubqueryKind.Any when subquery.Operator is null:
                WriteLeft(subquery.Operand!, Precedence.Match);
                Add("IN");
                break;
            case SubqueryKind.Any or SubqueryKind.All:
                WriteQuantifier(subquery.Operand!, subquery.Operator!, subquery.Kind == SubqueryKind.All);
                break;
        }

        Open();
        WriteQuery(subquery.Query);
        Close();
    }
}
