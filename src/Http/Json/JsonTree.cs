using System.Collections;
using System.Globalization;

namespace Rqlite.Pg.Http;

/// <summary>Nested dictionaries, lists and scalars as JSON, keys in ordinal order as Go's maps come out.</summary>
internal static class JsonTree
{
    public static void Write(JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.Null();
                break;
            case string text:
                json.String(text);
                break;
            case bool flag:
                json.Boolean(flag);
                break;
            case double real when double.IsFinite(real):
                json.Real(real);
                break;
            case IReadOnlyDictionary<string, object?> map:
                WriteMap(json, map);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.Integer(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case IEnumerable items:
                WriteArray(json, items);
                break;
            default:
                json.String(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }
    }

    /// <summary>Follows a dotted path of keys and, within lists, of positions.</summary>
    public static bool TryFind(object? root, string path, out object? found)
    {
        found = root;
        foreach (var key in path.Split('.'))
        {
            switch (found)
            {
                case IReadOnlyDictionary<string, object?> map when map.TryGetValue(key, out found):
                    break;
                case IList list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count:
                    found = list[at];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static void WriteMap(JsonWriter json, IReadOnlyDictionary<string, object?> map)
    {
        json.BeginObject();
        foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.Name(key);
            Write(json, value);
        }

        json.EndObject();
    }

    private static void WriteArray(JsonWriter json, IEnumerable items)
    {
        json.BeginArray();
        foreach (var item in items)
        {
            Write(json, item);
        }

        json.EndArray();
    }
}
