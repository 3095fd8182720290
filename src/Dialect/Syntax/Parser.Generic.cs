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
