using System.Text;
using static Rqlite.Pg.Dialect.Syntax.UtilityGrammar;

namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Statements that are checked by <see cref="UtilityGrammar"/> and kept as their text.</summary>
public sealed partial class Parser
{
    /// <summary>Goes back to the start of a token that was taken.</summary>
    private void Rewind(int start)
    {
        _aheadCount = 0;
        _lexicalError = null;
        _lexed = start;
        _token = Lex();
    }

    private GenericStatement ParseGeneric()
    {
        var location = Here;
        var start = _token.Start;
        var (command, elements) = FindRule();
        ParseSequence(elements);
        return new GenericStatement(location, command, TextBetween(start, _end));
    }

    /// <summary>The rule whose leading keywords the statement begins with; without one, the first word that fits none is the error.</summary>
    private (string Command, Element[] Elements) FindRule()
    {
        var best = 0;
        foreach (var rule in Rules)
        {
            var matched = 0;
            while (matched < 4 && matched < rule.Elements.Length && rule.Elements[matched].Kind == ElementKind.Keyword
                && (matched == 0 ? _token : Peek(matched)).Is(rule.Elements[matched].Keyword))
            {
                matched++;
            }

            if (matched == 4 || matched == rule.Elements.Length || rule.Elements[matched].Kind != ElementKind.Keyword)
            {
                if (!Rules.Any(r => r != rule && IsLonger(r.Elements, rule.Elements, matched)))
                {
                    return rule;
                }
            }

            best = Math.Max(best, matched);
        }

        for (var i = 0; i < best; i++)
        {
            Advance();
        }

        throw Unexpected();
    }

    /// <summary>True if a rule with the same beginning goes on with a keyword that the statement has.</summary>
    private bool IsLonger(Element[] other, Element[] rule, int matched)
    {
        if (other.Length <= matched || matched >= 4 || other[matched].Kind != ElementKind.Keyword)
        {
            return false;
        }

        for (var i = 0; i < matched; i++)
        {
            if (other[i].Keyword != rule[i].Keyword || other[i].Kind != ElementKind.Keyword)
            {
                return false;
            }
        }

        return Peek(matched).Is(other[matched].Keyword);
    }

    private void ParseSequence(Element[] elements)
    {
        for (var i = 0; i < elements.Length; i++)
        {
            ParseElement(elements[i]);
        }
    }

    private void ParseElement(Element element)
    {
        switch (element.Kind)
        {
            case ElementKind.Keyword:
                Expect(element.Keyword);
                return;
            case ElementKind.Token:
                Expect(element.Token);
                return;
            case ElementKind.Part:
                ParsePart(element.Name);
                return;
            case ElementKind.Sequence:
                ParseSequence(element.Items!);
                return;
            case ElementKind.Optional:
                if (Begins(element.Items!))
                {
                    ParseSequence(element.Items!);
                }

                return;
            case ElementKind.Repeated:
                while (Begins(element.Items!))
                {
                    ParseSequence(element.Items!);
                }

                return;
            case ElementKind.List:
                do
                {
                    ParseElement(element.Items![0]);
                }
                while (Accept(TokenKind.Comma));
                return;
            default:
                ParseElement(Array.Find(element.Items!, e => Begins(e.Items!)) ?? throw UnexpectedChoice(element.Items!));
                return;
        }
    }

    /// <summary>Where alternatives share their first keyword, the error is at the word behind it.</summary>
    private DialectException UnexpectedChoice(Element[] choices)
    {
        if (choices.Any(c => c.Items!.Length > 1 && c.Items[0].Kind == ElementKind.Keyword && At(c.Items[0].Keyword)))
        {
            Advance();
        }

        return Unexpected();
    }

    private bool Begins(Element[] elements)
    {
        for (var i = 0; i < elements.Length; i++)
        {
            if (Begins(elements[i]))
            {
                return elements[i].Kind != ElementKind.Keyword || i + 1 >= elements.Length || elements[i + 1] switch
                {
                    { Kind: ElementKind.Keyword, Keyword: var second } => Peek().Is(second),
                    { Kind: ElementKind.Token, Token: var token } => Peek().Kind == token,
                    { Kind: ElementKind.Part, Name: "definition" } => Peek().Kind == TokenKind.OpenParen,
                    _ => true,
                };
            }

            if (elements[i].Kind is not (ElementKind.Optional or ElementKind.Repeated))
            {
                return false;
            }
        }

        return true;
    }

    private bool Begins(Element element) => element.Kind switch
    {
        ElementKind.Keyword => At(element.Keyword),
        ElementKind.Token => At(element.Token),
        ElementKind.Part => BeginsPart(element.Name),
        ElementKind.Choice => element.Items!.Any(e => Begins(e.Items!)),
        _ => Begins(element.Items!),
    };

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

    /// <summary>The tokens of a part of the text, with one blank where there were blanks or comments.</summary>
    private string TextBetween(int start, int end)
    {
        var result = new StringBuilder(end - start);
        var lexer = new Lexer(_text, start);
        for (var at = start; at < end;)
        {
            var token = lexer.ReadPostgres();
            if (token.Start > at)
            {
                result.Append(' ');
            }

            result.Append(_text, token.Start, token.Length);
            at = token.End;
        }

        return result.ToString();
    }
}
