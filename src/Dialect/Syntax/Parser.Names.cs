using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Parser
{
    private static readonly Func<Parser, string> s_name = static p => p.ParseColumnId();
    private static readonly Func<Parser, NodeList<string>> s_anyName = static p => p.ParseAnyName();
    private static readonly Func<Parser, QualifiedName> s_qualifiedName = static p => p.ParseQualifiedName();
    private static readonly Func<Parser, string> s_string = static p => p.ParseString();

    private static bool IsColumnId(Token token) => token.Kind switch
    {
        TokenKind.QuotedIdentifier => true,
        TokenKind.Word => Keywords.ClassOf(token.Keyword) is KeywordClass.NotKeyword or KeywordClass.Unreserved or KeywordClass.ColumnName,
        _ => false,
    };

    private static bool IsTypeFunctionName(Token token) => token.Kind switch
    {
        TokenKind.QuotedIdentifier => true,
        TokenKind.Word => Keywords.ClassOf(token.Keyword) is KeywordClass.NotKeyword or KeywordClass.Unreserved or KeywordClass.TypeOrFunctionName,
        _ => false,
    };

    private static bool IsLabel(Token token) => token.Kind is TokenKind.QuotedIdentifier or TokenKind.Word;

    private static bool IsIdentifier(Token token) =>
        token.Kind == TokenKind.QuotedIdentifier || (token.Kind == TokenKind.Word && token.Keyword == Keyword.NoKeyword);

    private string TakeName()
    {
        var name = new Lexer(_text).PostgresNameOf(_token);
        Advance();
        return name;
    }

    /// <summary>The name of a column, table or other object.</summary>
    private string ParseColumnId() => IsColumnId(_token) ? TakeName() : throw Unexpected();

    private string ParseTypeFunctionName() => IsTypeFunctionName(_token) ? TakeName() : throw Unexpected();

    private string ParseNonReservedWord() =>
        IsLabel(_token) && Keywords.ClassOf(_token.Keyword) != KeywordClass.Reserved ? TakeName() : throw Unexpected();

    /// <summary>A name where each keyword may be one.</summary>
    private string ParseLabel() => IsLabel(_token) ? TakeName() : throw Unexpected();

    private string ParseString()
    {
        if (!At(TokenKind.String))
        {
            throw Unexpected();
        }

        var value = new Lexer(_text).PostgresStringOf(_token);
        Advance();
        return value;
    }

    /// <summary>A whole number within 32 bits, without a sign.</summary>
    private int ParseInteger()
    {
        if (!At(TokenKind.Integer))
        {
            throw Unexpected();
        }

        var value = int.Parse(_text.AsSpan(_token.Start, _token.Length), NumberStyles.None, CultureInfo.InvariantCulture);
        Advance();
        return value;
    }

    private int ParseSignedInteger()
    {
        if (AcceptOperator("-"))
        {
            return -ParseInteger();
        }

        AcceptOperator("+");
        return ParseInteger();
    }

    /// <summary>A number as it is written, with a minus sign if it has one.</summary>
    private Constant ParseNumber()
    {
        var location = Here;
        var minus = AcceptOperator("-");
        if (!minus)
        {
            AcceptOperator("+");
        }

        if (!At(TokenKind.Integer) && !At(TokenKind.Decimal))
        {
            throw Unexpected();
        }

        var kind = At(TokenKind.Integer) ? ConstantKind.Integer : ConstantKind.Decimal;
        var constant = new Constant(location, kind, _text[_token.Start.._token.End]);
        Advance();
        return minus ? Negate(constant, location) : constant;
    }

    private bool AtNumber() => At(TokenKind.Integer) || At(TokenKind.Decimal) || AtOperator("-") || AtOperator("+");

    /// <summary>A name with any number of parts.</summary>
    private NodeList<string> ParseAnyName()
    {
        var first = ParseColumnId();
        if (!At(TokenKind.Dot))
        {
            return [first];
        }

        var parts = new List<string> { first };
        while (Accept(TokenKind.Dot))
        {
            parts.Add(ParseLabel());
        }

        return ListOf(parts);
    }

    /// <summary>The name of a relation: at most catalog, schema and name.</summary>
    private QualifiedName ParseQualifiedName()
    {
        var location = Here;
        var parts = ParseAnyName();
        return CheckRelationName(new QualifiedName(location, parts));
    }

    private QualifiedName CheckRelationName(QualifiedName name) => name.Parts.Count <= 3
        ? name
        : throw Error($"improper qualified name (too many dotted names): {string.Join('.', name.Parts)}", name.Location);

    /// <summary>A function's name: one word of a type or function, or several parts.</summary>
    private NodeList<string> ParseFunctionName()
    {
        if (!IsColumnId(_token) || Peek().Kind != TokenKind.Dot)
        {
            return [ParseTypeFunctionName()];
        }

        return ParseAnyName();
    }

    private NodeList<string> ParseNameList() => ParseList(s_name);

    private NodeList<string> ParseParenthesizedNames() => ParseParenthesizedList(s_name);

    private NodeList<string> ParseOptionalColumns() => ParseOptionalParenthesizedList(s_name);

    /// <summary>An operator's symbol; <c>!=</c> is <c>&lt;&gt;</c>.</summary>
    private string TakeOperator()
    {
        if (!At(TokenKind.Operator) || AtOperator("=>"))
        {
            throw Unexpected();
        }

        var symbol = AtOperator("!=") ? "<>" : _text[_token.Start.._token.End];
        Advance();
        return symbol;
    }

    /// <summary>An operator with the schemas before it.</summary>
    private NodeList<string> ParseAnyOperator()
    {
        if (At(TokenKind.Operator))
        {
            return [TakeOperator()];
        }

        var parts = new List<string>();
        while (!At(TokenKind.Operator))
        {
            parts.Add(ParseColumnId());
            Expect(TokenKind.Dot);
        }

        parts.Add(TakeOperator());
        return ListOf(parts);
    }

    /// <summary>An operator, or OPERATOR and one in parentheses.</summary>
    private NodeList<string> ParseQualifiedOperator()
    {
        if (!At(Keyword.Operator))
        {
            return [TakeOperator()];
        }

        Advance();
        Expect(TokenKind.OpenParen);
        var name = ParseAnyOperator();
        Expect(TokenKind.CloseParen);
        return name;
    }

    private bool AtQualifiedOperator() => At(Keyword.Operator) && Peek().Kind == TokenKind.OpenParen;

    private RoleName ParseRole()
    {
        var location = Here;
        if (Accept(Keyword.CurrentRole))
        {
            return new RoleName(location, RoleKind.CurrentRole);
        }

        if (Accept(Keyword.CurrentUser))
        {
            return new RoleName(location, RoleKind.CurrentUser);
        }

        if (Accept(Keyword.SessionUser))
        {
            return new RoleName(location, RoleKind.SessionUser);
        }

        var none = At(Keyword.None);
        var name = ParseNonReservedWord();
        return name switch
        {
            "public" => new RoleName(location, RoleKind.Public),
            "none" when none || name == "none" => throw Error("role name \"none\" is reserved", location, state: "42939"),
            _ => new RoleName(location, RoleKind.Name, name),
        };
    }

    /// <summary>A role that must have a name of its own.</summary>
    private string ParseRoleId()
    {
        var role = ParseRole();
        return role.Kind switch
        {
            RoleKind.Name => role.Name!,
            RoleKind.Public => throw Error("role name \"public\" is reserved", role.Location, state: "42939"),
            RoleKind.CurrentRole => throw Error("CURRENT_ROLE cannot be used as a role name here", role.Location, state: "42939"),
            RoleKind.CurrentUser => throw Error("CURRENT_USER cannot be used as a role name here", role.Location, state: "42939"),
            _ => throw Error("SESSION_USER cannot be used as a role name here", role.Location, state: "42939"),
        };
    }

    private DropBehavior ParseDropBehavior() =>
        Accept(Keyword.Cascade) ? DropBehavior.Cascade : Accept(Keyword.Restrict) ? DropBehavior.Restrict : DropBehavior.Default;
}
