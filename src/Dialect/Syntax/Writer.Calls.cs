using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteSpecial(Expression expression)
    {
        switch (expression)
        {
            case CaseExpression c:
                WriteCase(c);
                break;
            case CoalesceExpression c:
                Add("COALESCE");
                WriteParenthesized(c.Arguments, WriteExpression);
                break;
            case ExtremeExpression e:
                Add(e.Greatest ? "GREATEST" : "LEAST");
                WriteParenthesized(e.Arguments, WriteExpression);
                break;
            case NullIfExpression n:
                Add("NULLIF(");
                WriteExpression(n.Left);
                Attach(",");
                WriteExpression(n.Right);
                Close();
                break;
            case ArrayConstructor a:
                Add("ARRAY");
                WriteArrayItems(a);
                break;
            case RowConstructor r:
                AddIf(r.Explicit, "ROW");
                WriteParenthesized(r.Items, WriteExpression);
                break;
            case DefaultValue:
                Add("DEFAULT");
                break;
            case CurrentOf c:
                Add("CURRENT OF");
                AddName(c.Cursor);
                break;
            case GroupingCall g:
                Add("GROUPING");
                WriteParenthesized(g.Arguments, WriteExpression);
                break;
            case NamedArgument n:
                AddName(n.Name);
                Add("=>");
                WriteExpression(n.Value);
                break;
            case SqlValueFunction f:
                WriteSqlValue(f);
                break;
            case XmlExpression x:
                WriteXml(x);
                break;
            case XmlSerialize x:
                Add("XMLSERIALIZE(");
                Add(x.Document ? "DOCUMENT" : "CONTENT");
                WriteExpression(x.Operand);
                Add("AS");
                WriteType(x.Type);
                Close();
                break;
            default:
                throw new InvalidOperationException(expression.GetType().Name);
        }
    }

    private void WriteCase(CaseExpression expression)
    {
        Add("CASE");
        WriteOptional(expression.Operand);
        foreach (var when in expression.Whens)
        {
            Add("WHEN");
            WriteExpression(when.Condition);
            Add("THEN");
            WriteExpression(when.Result);
        }

        if (expression.Else is { } otherwise)
        {
            Add("ELSE");
            WriteExpression(otherwise);
        }

        Add("END");
    }

    private void WriteArrayItems(ArrayConstructor array)
    {
        Attach("[");
        if (array.Items.Count > 0 && array.Items.All(i => i is ArrayConstructor))
        {
            // Dimensions within need no word of their own.
            WriteList(array.Items, item => WriteArrayItems((ArrayConstructor)item));
        }
        else
        {
            WriteExpressions(array.Items);
        }

        Attach("]");
    }

    private void WriteSqlValue(SqlValueFunction function)
    {
        Add(function.Kind switch
        {
            SqlValueKind.CurrentDate => "CURRENT_DATE",
            SqlValueKind.CurrentTime => "CURRENT_TIME",
            SqlValueKind.CurrentTimestamp => "CURRENT_TIMESTAMP",
            SqlValueKind.Localtime => "LOCALTIME",
            SqlValueKind.Localtimestamp => "LOCALTIMESTAMP",
            SqlValueKind.CurrentRole => "CURRENT_ROLE",
            SqlValueKind.CurrentUser => "CURRENT_USER",
            SqlValueKind.User => "USER",
            SqlValueKind.SessionUser => "SESSION_USER",
            SqlValueKind.CurrentCatalog => "CURRENT_CATALOG",
            _ => "CURRENT_SCHEMA",
        });
        if (function.Precision is { } precision)
        {
            Attach("(" + precision.ToString(CultureInfo.InvariantCulture) + ")");
        }
    }

    private void WriteCall(FunctionCall call)
    {
        if (call.Syntax != CallSyntax.Call)
        {
            WriteWords(call);
            return;
        }

        WriteName(call.Name);
        Attach("(");
        if (call.Star)
        {
            Attach("*");
        }

        AddIf(call.Distinct, "DISTINCT");
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            if (i > 0)
            {
                Attach(",");
            }

            AddIf(call.Variadic && i == call.Arguments.Count - 1, "VARIADIC");
            WriteExpression(call.Arguments[i]);
        }

        if (!call.WithinGroup)
        {
            WriteOrderBy(call.OrderBy);
        }

        Close();
        if (call.WithinGroup)
        {
            Add("WITHIN GROUP (");
            WriteOrderBy(call.OrderBy);
            Close();
        }

        if (call.Filter is { } filter)
        {
            Add("FILTER (WHERE");
            WriteExpression(filter);
            Close();
        }

        if (call.Over is { } window)
        {
            Add("OVER");
            WriteWindow(window);
        }
    }

    private void WriteAtTimeZone(FunctionCall call)
    {
        WriteExpression(call.Arguments[1], Precedence.AtTimeZone);
        Add("AT TIME ZONE");
        WriteExpression(call.Arguments[0], Precedence.AtTimeZone + 1);
    }

    private void WriteWords(FunctionCall call)
    {
        var arguments = call.Arguments;
        switch (call.Syntax)
        {
            case CallSyntax.IsNormalized:
                WriteExpression(arguments[0], Precedence.Is);
                Add("IS");
                AddIf(arguments.Count > 1, arguments.Count > 1 ? ((Constant)arguments[1]).Text : "");
                Add("NORMALIZED");
                break;
            case CallSyntax.CollationFor:
                Add("COLLATION FOR");
                WriteParenthesized(arguments[0]);
                break;
            case CallSyntax.Extract:
                WriteSplit("EXTRACT(", arguments[0], "FROM", arguments[1]);
                break;
            case CallSyntax.Normalize:
                Add("NORMALIZE(");
                WriteExpression(arguments[0]);
                if (arguments.Count > 1)
                {
                    Attach(", " + ((Constant)arguments[1]).Text);
                }

                Close();
                break;
            case CallSyntax.Overlaps:
                WriteParenthesized<Expression>([arguments[0], arguments[1]], WriteExpression);
                Add("OVERLAPS");
                WriteParenthesized<Expression>([arguments[2], arguments[3]], WriteExpression);
                break;
            case CallSyntax.Overlay:
                WriteSplit("OVERLAY(", arguments[0], "PLACING", arguments[1], "FROM", arguments[2], "FOR", arguments.Count > 3 ? arguments[3] : null);
                break;
            case CallSyntax.Position:
                Add("POSITION(");
                WriteRestricted(arguments[1]);
                Add("IN");
                WriteRestricted(arguments[0]);
                Close();
                break;
            case CallSyntax.Substring:
                WriteSplit("SUBSTRING(", arguments[0], "FROM", arguments[1], "FOR", arguments.Count > 2 ? arguments[2] : null);
                break;
            case CallSyntax.SubstringSimilar:
                WriteSplit("SUBSTRING(", arguments[0], "SIMILAR", arguments[1], "ESCAPE", arguments[2]);
                break;
            case CallSyntax.XmlExists:
                Add("XMLEXISTS(");
                WritePrimary(arguments[0]);
                Add("PASSING");
                WritePrimary(arguments[1]);
                Close();
                break;
            default:
                Add("TRIM(");
                Add(call.Syntax == CallSyntax.TrimLeading ? "LEADING" : call.Syntax == CallSyntax.TrimTrailing ? "TRAILING" : "BOTH");
                Add("FROM");
                WriteExpressions(arguments);
                Close();
                break;
        }
    }

    private void WriteSplit(string open, Expression first, string word, Expression second, string word2 = "", Expression? third = null,
        string word3 = "",
        Expression? fourth = null)
    {
        Add(open);
        WriteExpression(first);
        Add(word);
        WriteExpression(second);
        if (third is not null)
        {
            Add(word2);
            WriteExpression(third);
        }

        if (fourth is not null)
        {
            Add(word3);
            WriteExpression(fourth);
        }

        Close();
    }

    private void WriteXml(XmlExpression xml)
    {
        switch (xml.Kind)
        {
            case XmlKind.IsDocument:
                WriteExpression(xml.Arguments[0], Precedence.Is);
                Add("IS DOCUMENT");
                return;
            case XmlKind.Concat:
                Add("XMLCONCAT(");
                WriteExpressions(xml.Arguments);
                break;
            case XmlKind.Forest:
                Add("XMLFOREST(");
                WriteList(xml.Named, WriteTarget);
                break;
            case XmlKind.ParseContent or XmlKind.ParseDocument:
                Add(xml.Kind == XmlKind.ParseContent ? "XMLPARSE(CONTENT" : "XMLPARSE(DOCUMENT");
                WriteExpression(xml.Arguments[0]);
                AddIf(xml.PreserveWhitespace, "PRESERVE WHITESPACE");
                break;
            case XmlKind.Root:
                Add("XMLROOT(");
                WriteExpression(xml.Arguments[0]);
                Attach(", VERSION");
                if (xml.Arguments[1] is Constant { Kind: ConstantKind.Null })
                {
                    Add("NO VALUE");
                }
                else
                {
                    WriteExpression(xml.Arguments[1]);
                }

                Attach(xml.Standalone switch
                {
                    XmlStandalone.Yes => ", STANDALONE YES",
                    XmlStandalone.No => ", STANDALONE NO",
                    XmlStandalone.NoValue => ", STANDALONE NO VALUE",
                    _ => "",
                });
                break;
            default:
                WriteXmlElement(xml);
                break;
        }

        Close();
    }

    private void WriteXmlElement(XmlExpression xml)
    {
        Add(xml.Kind == XmlKind.Pi ? "XMLPI(NAME" : "XMLELEMENT(NAME");
        AddName(xml.Name!);
        if (xml.Named.Count > 0)
        {
            Attach(", XMLATTRIBUTES(");
            WriteList(xml.Named, WriteTarget);
            Close();
        }

        foreach (var argument in xml.Arguments)
        {
            Attach(",");
            WriteExpression(argument);
        }
    }
}
