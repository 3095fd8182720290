namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The parts that the rules of <see cref="UtilityGrammar"/> are made of.</summary>
public sealed partial class Parser
{
    private bool BeginsPart(string name) => name switch
    {
        "string" => At(TokenKind.String),
        "definition" or "columns" or "condition" or "reloptions" => At(TokenKind.OpenParen),
        "options" or "changes" => At(Keyword.Options),
        "databaseoption" => IsIdentifier(_token) || At(Keyword.Connection) || At(Keyword.Encoding) || At(Keyword.Location) || At(Keyword.Owner)
            || At(Keyword.Tablespace) || At(Keyword.Template),
        "wrapperoption" => At(Keyword.Handler) || At(Keyword.Validator) || At(Keyword.No),
        "setting" => At(Keyword.Set) || At(Keyword.Reset),
        "role" => IsLabel(_token),
        "relation" => IsColumnId(_token) || At(Keyword.Only),
        _ => IsLabel(_token),
    };

    private void ParsePart(string name)
    {
        switch (name)
        {
            case "name":
                ParseColumnId();
                break;
            case "label":
                ParseLabel();
                break;
            case "word":
                ParseNonReservedWord();
                break;
            case "anyname":
                ParseAnyName();
                break;
            case "funcname":
                ParseFunctionName();
                break;
            case "string":
                ParseString();
                break;
            case "integer":
                ParseSignedInteger();
                break;
            case "type":
                ParseTypeName();
                break;
            case "function":
                ParseFunctionObject();
                break;
            case "operator":
                ParseOperatorObject();
                break;
            case "role":
                ParseRole();
                break;
            case "roles":
                ParseList(s_role);
                break;
            case "grantees":
                ParseList(static p => p.ParseGrantee());
                break;
            case "privileges":
                ParsePrivileges(out _);
                break;
            case "schema" when Accept(Keyword.CurrentSchema):
                break;
            case "schema":
                ParseColumnId();
                break;
            case "columns":
                ParseParenthesizedNames();
                break;
            case "condition":
                ParseParenthesizedExpression();
                break;
            case "relation":
                ParseRelation();
                break;
            case "table":
                ParseTableExpression();
                break;
            case "definition":
                ParseDefinition();
                break;
            case "reloptions":
                ParseReloptions();
                break;
            case "options":
                _ = ParseForeignOptions().Count > 0 ? 0 : throw Unexpected();
                break;
            case "changes":
                ParseForeignOptionChanges();
                break;
            case "statistic":
                ParseIndexElement(partition: true);
                break;
            default:
                ParseRarePart(name);
                break;
        }
    }

    private void ParseRarePart(string name)
    {
        switch (name)
        {
            case "databaseoption":
                if (Accept(Keyword.Connection))
                {
                    Expect(Keyword.Limit);
                }
                else
                {
                    Advance();
                }

                AcceptOperator("=");
                if (!Accept(Keyword.Default))
                {
                    _ = AtNumber() ? ParseSignedInteger() : ParseBooleanOrString().Text.Length;
                }

                break;
            case "wrapperoption":
                var no = Accept(Keyword.No);
                if (!Accept(Keyword.Handler))
                {
                    Expect(Keyword.Validator);
                }

                if (!no)
                {
                    ParseAnyName();
                }

                break;
            case "eventfilter":
                ParseColumnId();
                Expect(Keyword.In);
                ParseParenthesizedList(s_string);
                break;
            case "kinds":
                if (!Accept(Keyword.Tables) && !Accept(Keyword.Functions) && !Accept(Keyword.Routines) && !Accept(Keyword.Sequences)
                    && !Accept(Keyword.Types))
                {
                    Expect(Keyword.Schemas);
                }

                break;
            case "setting":
                ParseSetResetClause();
                break;
            case "plainsetting":
                _ = AheadIsAssignment() ? ParseSetting(Here, SettingScope.Default) : throw Unexpected(Peek());
                break;
            case "settingname":
                if (!Accept(Keyword.All))
                {
                    ParseSettingName();
                }

                break;
            case "object":
                var kind = ParseObjectKind() ?? throw Unexpected();
                ParseObjectName(kind);
                break;
            case "classitem":
                ParseClassItem();
                break;
            case "classdrop":
                if (!Accept(Keyword.Operator))
                {
                    Expect(Keyword.Function);
                }

                ParseInteger();
                ParseParenthesizedList(s_typeName);
                break;
            default:
                throw new InvalidOperationException(name);
        }
    }

    /// <summary>An operator, a function or the storage type of an operator class.</summary>
    private void ParseClassItem()
    {
        if (Accept(Keyword.Storage))
        {
            ParseTypeName();
            return;
        }

        if (Accept(Keyword.Function))
        {
            ParseInteger();
            ParseOptionalParenthesizedList(s_typeName);
            ParseFunctionObject();
            return;
        }

        Expect(Keyword.Operator);
        ParseInteger();
        ParseAnyOperator();
        if (Accept(TokenKind.OpenParen))
        {
            ParseOperand();
            Expect(TokenKind.Comma);
            ParseOperand();
            Expect(TokenKind.CloseParen);
        }

        if (Accept(Keyword.For) && !Accept(Keyword.Search))
        {
            Expect(Keyword.Order, Keyword.By);
            ParseAnyName();
        }

        Accept(Keyword.Recheck);
    }
}
