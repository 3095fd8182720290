namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Parser
{
    private static readonly Func<Parser, Target> s_xmlAttribute = static p => p.ParseXmlAttribute();

    private Target ParseXmlAttribute()
    {
        var location = Here;
        var value = ParseExpression();
        return new Target(location, value, Accept(Keyword.As) ? ParseLabel() : null);
    }

    private XmlExpression ParseXmlElement(Location location)
    {
        Expect(Keyword.Name);
        var name = ParseLabel();
        if (!Accept(TokenKind.Comma))
        {
            return new XmlExpression(location, XmlKind.Element, name, [], []);
        }

        if (!At(Keyword.Xmlattributes) || Peek().Kind != TokenKind.OpenParen)
        {
            return new XmlExpression(location, XmlKind.Element, name, [], ParseList(s_expression));
        }

        Advance();
        var attributes = ParseParenthesizedList(s_xmlAttribute);
        return new XmlExpression(location, XmlKind.Element, name, attributes, Accept(TokenKind.Comma) ? ParseList(s_expression) : []);
    }

    private FunctionCall ParseXmlExists(Location location)
    {
        var path = ParsePrimary();
        return SystemCall(location, "xmlexists", CallSyntax.XmlExists, [path, ParsePassing()]);
    }

    private Expression ParsePassing()
    {
        Expect(Keyword.Passing);
        AcceptPassingMechanism();
        var value = ParsePrimary();
        AcceptPassingMechanism();
        return value;
    }

    private void AcceptPassingMechanism()
    {
        if (Accept(Keyword.By) && !Accept(Keyword.Ref))
        {
            Expect(Keyword.Value);
        }
    }

    private bool ParseDocumentOrContent()
    {
        if (Accept(Keyword.Document))
        {
            return true;
        }

        Expect(Keyword.Content);
        return false;
    }

    private XmlExpression ParseXmlParse(Location location)
    {
        var document = ParseDocumentOrContent();
        var value = ParseExpression();
        var preserve = Accept(Keyword.Preserve, Keyword.Whitespace);
        if (!preserve && Accept(Keyword.Strip))
        {
            Expect(Keyword.Whitespace);
        }

        return new XmlExpression(location, document ? XmlKind.ParseDocument : XmlKind.ParseContent, null, [],
            [value]) { PreserveWhitespace = preserve };
    }

    private XmlExpression ParseXmlPi(Location location)
    {
        Expect(Keyword.Name);
        var name = ParseLabel();
        return new XmlExpression(location, XmlKind.Pi, name, [], Accept(TokenKind.Comma) ? [ParseExpression()] : []);
    }

    private XmlExpression ParseXmlRoot(Location location)
    {
        var value = ParseExpression();
        Expect(TokenKind.Comma);
        Expect(Keyword.Version);
        Expression version;
        if (At(Keyword.No, Keyword.Value))
        {
            Accept(Keyword.No, Keyword.Value);
            version = new Constant(Location.None, ConstantKind.Null, "NULL");
        }
        else
        {
            version = ParseExpression();
        }

        var standalone = XmlStandalone.Omitted;
        if (Accept(TokenKind.Comma))
        {
            Expect(Keyword.Standalone);
            standalone = Accept(Keyword.Yes) ? XmlStandalone.Yes
                : Accept(Keyword.No, Keyword.Value) ? XmlStandalone.NoValue
                : Accept(Keyword.No) ? XmlStandalone.No : throw Unexpected();
        }

        return new XmlExpression(location, XmlKind.Root, null, [], [value, version]) { Standalone = standalone };
    }

    private XmlSerialize ParseXmlSerialize(Location location)
    {
        var document = ParseDocumentOrContent();
        var value = ParseExpression();
        Expect(Keyword.As);
        return new XmlSerialize(location, document, value, ParseSimpleType(constant: false));
    }

    private XmlTable ParseXmlTable(Location location, bool lateral)
    {
        Expect(Keyword.Xmltable);
        Expect(TokenKind.OpenParen);
        NodeList<Target> namespaces = [];
        if (At(Keyword.Xmlnamespaces) && Peek().Kind == TokenKind.OpenParen)
        {
            Advance();
            namespaces = ParseParenthesizedList(static p => p.ParseXmlNamespace());
            Expect(TokenKind.Comma);
        }

        var row = ParsePrimary();
        var document = ParsePassing();
        Expect(Keyword.Columns);
        var columns = ParseList(static p => p.ParseXmlColumn());
        Expect(TokenKind.CloseParen);
        return new XmlTable(location, lateral, namespaces, row, document, columns, ParseOptionalAlias());
    }

    private Target ParseXmlNamespace()
    {
        var location = Here;
        if (Accept(Keyword.Default))
        {
            return new Target(location, ParseExpression(restricted: true));
        }

        var uri = ParseExpression(restricted: true);
        Expect(Keyword.As);
        return new Target(location, uri, ParseLabel());
    }

    private XmlTableColumn ParseXmlColumn()
    {
        var location = Here;
        var name = ParseColumnId();
        if (Accept(Keyword.For))
        {
            Expect(Keyword.Ordinality);
            return new XmlTableColumn(location, name, null, null, null, false);
        }

        var column = new XmlTableColumn(location, name, ParseTypeName(), null, null, false);
        var nullable = false;
        while (true)
        {
            var option = Here;
            if (Accept(Keyword.Default))
            {
                column = column.Default is null
                    ? column with { Default = ParseExpression(restricted: true) }
                    : throw Error("only one DEFAULT value is allowed", option);
            }
            else if (At(Keyword.Not) || At(Keyword.Null))
            {
                var notNull = Accept(Keyword.Not);
                Expect(Keyword.Null);
                if (nullable || column.NotNull)
                {
                    throw Error($"conflicting or redundant NULL / NOT NULL declarations for column \"{name}\"", option);
                }

                nullable = true;
                column = column with { NotNull = notNull };
            }
            else if (IsIdentifier(_token))
            {
                var word = TakeName();
                var value = ParseExpression(restricted: true);
                column = word != "path" ? throw Error($"unrecognized column option \"{word}\"", option)
                    : column.Path is null ? column with { Path = value } : throw Error("only one PATH value per column is allowed", option);
            }
            else
            {
                return column;
            }
        }
    }
}
