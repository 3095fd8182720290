using System.Globalization;
using System.Text;

namespace Rqlite.Pg.ResolutionOracle;

/// <summary>
/// The tree of an expression in few characters: a letter for the node, the object,
/// <c>:type/modifier@collation#input collation^location</c>,
/// the parts in parentheses. The tests write the binder's trees in the same way.
/// </summary>
internal sealed class Outline(Func<uint, string> typeName, Func<uint, int> arity, string sql, int offset)
{
    /// <param name="argument">Only the argument of the call or test that the expression is.</param>
    public string Describe(List<object> action, bool argument)
    {
        var query = (NodeTree)((List<object>)action[0])[0];
        var targets = query.Nodes("targetList");
        var expression = targets[0].Node("expr")!;
        var text = Describe(!argument ? expression : expression.Name == "NULLTEST" ? expression.Node("arg") : expression.Nodes("args")[0]);
        foreach (var item in query.Nodes("sortClause"))
        {
            text += $" sort({item.Text("eqop")},{item.Text("sortop")})";
        }

        return text;
    }

    private string Describe(NodeTree? node) => node is null ? "" : node.Name switch
    {
        "CONST" => "C" + Type(node, "consttype", "consttypmod", "constcollid") + Value(node) + Place(node),
        "VAR" => "V" + Type(node, "vartype", "vartypmod", "varcollid") + Place(node),
        "OPEXPR" => "O" + node.Text("opno") + Type(node, "opresulttype", null, "opcollid") + Input(node) + Place(node) + List(node, "args"),
        "DISTINCTEXPR" => "X" + node.Text("opno") + Input(node) + List(node, "args"),
        "NULLIFEXPR" => "N" + node.Text("opno") + Type(node, "opresulttype", null, "opcollid") + Input(node) + List(node, "args"),
        "SCALARARRAYOPEXPR" => "S" + node.Text("opno") + (IsTrue(node, "useOr") ? "any" : "all") + Input(node) + Place(node)
            + List(node, "args"),
        "FUNCEXPR" => "F" + node.Text("funcid") + Type(node, "funcresulttype", null, "funccollid") + Input(node) + Form(node, "funcformat")
            + (IsTrue(node, "funcvariadic") ? "*" : "") + Place(node) + Arguments(node),
        "AGGREF" => "G" + node.Text("aggfnoid") + Type(node, "aggtype", null, "aggcollid") + Input(node)
            + (IsTrue(node, "aggvariadic") ? "*" : "")
            + $"({string.Join(",", node.Nodes("args").Select(target => Describe(target.Node("expr"))))})",
        "WINDOWFUNC" => "U" + node.Text("winfnoid") + Type(node, "wintype", null, "wincollid") + Input(node) + List(node, "args"),
        "RELABELTYPE" => "R" + Type(node, "resulttype", "resulttypmod", "resultcollid") + Form(node, "relabelformat") + Place(node)
            + Single(node),
        "COERCEVIAIO" => "I" + Type(node, "resulttype", null, "resultcollid") + Form(node, "coerceformat") + Place(node) + Single(node),
        "ARRAYCOERCEEXPR" => "A" + Type(node, "resulttype", "resulttypmod", "resultcollid") + Form(node, "coerceformat") + Place(node)
            + $"({Describe(node.Node("arg"))};{Describe(node.Node("elemexpr"))})",
        "COERCETODOMAIN" => "D" + Type(node, "resulttype", null, "resultcollid") + Form(node, "coercionformat") + Place(node)
            + Single(node),
        "CONVERTROWTYPEEXPR" => "?" + node.Name,
        "COLLATE" or "COLLATEEXPR" => "L@" + Collation(node.Oid("collOid")) + Single(node),
        "CASETESTEXPR" => "T" + Type(node, "typeId", "typeMod", "collation"),
        "BOOLEXPR" => "B" + node.Text("boolop") + List(node, "args"),
        "CASEEXPR" or "CASE" => "K" + Type(node, "casetype", null, "casecollid") + $"({Describe(node.Node("arg"))};"
            + string.Join(",", node.Nodes("args").Select(arm => Describe(arm.Node("expr")) + "=>" + Describe(arm.Node("result"))))
            + $";{Describe(node.Node("defresult"))})",
        "COALESCE" or "COALESCEEXPR" => "Q" + Type(node, "coalescetype", null, "coalescecollid") + List(node, "args"),
        "MINMAX" or "MINMAXEXPR" => "M" + Type(node, "minmaxtype", null, "minmaxcollid") + Input(node) + List(node, "args"),
        "ARRAY" or "ARRAYEXPR" => "Y" + Type(node, "array_typeid", null, "array_collid") + List(node, "elements"),
        "ROW" or "ROWEXPR" => "W:" + typeName(node.Oid("row_typeid")) + List(node, "args"),
        "NULLTEST" => "Z" + Single(node),
        "BOOLEANTEST" => "Z" + Single(node),
        "SQLVALUEFUNCTION" => "H:" + typeName(node.Oid("type")),
        _ => "?" + node.Name,
    };

    private static bool IsTrue(NodeTree node, string field) => node.Text(field) == "true";

    private static string Value(NodeTree node) => IsTrue(node, "constisnull") ? "!"
        : node.Oid("consttype") is 16 or 23 ? "=" + ValueOf(node.Texts("constvalue")).ToString(CultureInfo.InvariantCulture)
        : "";

    /// <summary>The bytes of an integer: <c>4 [ 1 0 0 0 0 0 0 0 ]</c>.</summary>
    private static int ValueOf(IReadOnlyList<string> texts) => Enumerable.Range(0, int.Parse(texts[0], CultureInfo.InvariantCulture))
        .Sum(i => (sbyte.Parse(texts[i + 2], CultureInfo.InvariantCulture) & 0xFF) << (8 * i));

    /// <summary>The arguments in the order in which the function declares them, <c>_</c> for one that has its default.</summary>
    private string Arguments(NodeTree node)
    {
        var given = node.Nodes("args");
        var declared = node.Text("funcformat") is "0" or "3" ? arity(node.Oid("funcid")) : 0;
        var arguments = Enumerable.Repeat("_", Math.Max(given.Count, declared)).ToArray();
        for (var i = 0; i < given.Count; i++)
        {
            if (given[i].Name == "NAMEDARGEXPR")
            {
                arguments[int.Parse(given[i].Text("argnumber"), CultureInfo.InvariantCulture)] = Describe(given[i].Node("arg"));
            }
            else
            {
                arguments[i] = Describe(given[i]);
            }
        }

        return $"({string.Join(",", arguments)})";
    }

    private string List(NodeTree node, string field) => "(" + string.Join(",", node.Nodes(field).Select(Describe)) + ")";

    private string Single(NodeTree node) => $"({Describe(node.Node("arg"))})";

    private string Type(NodeTree node, string type, string? modifier, string collation)
    {
        var text = ":" + typeName(node.Oid(type));
        if (modifier is not null && node.Text(modifier) != "-1")
        {
            text += "/" + node.Text(modifier);
        }

        return node.Oid(collation) is not 0 and var oid ? text + "@" + Collation(oid) : text;
    }

    private static string Input(NodeTree node) => node.Oid("inputcollid") is not 0 and var oid ? "#" + Collation(oid) : "";

    private string Place(NodeTree node)
    {
        var location = int.Parse(node.Text("location"), CultureInfo.InvariantCulture);
        return location < 0 ? "" : "^" + (CharactersIn(location) - offset).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The number of UTF-16 units in the first bytes of the statement.</summary>
    private int CharactersIn(int bytes) => Encoding.UTF8.GetCharCount(Encoding.UTF8.GetBytes(sql), 0, bytes);

    /// <summary>CoercionForm: a call, a cast that was written, one that was not, words of SQL.</summary>
    private static string Form(NodeTree node, string field) => node.Text(field) switch
    {
        "0" => "",
        "1" => "e",
        "2" => "i",
        _ => "s",
    };

    private static string Collation(uint oid) => oid switch
    {
        100 => "d",
        950 => "C",
        951 => "P",
        _ => "u",
    };
}
