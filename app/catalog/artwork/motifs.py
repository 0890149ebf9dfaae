"""Little pictures of what a template is about, in a box of 100 by 100.

{a} {b} {c} are the three art colours, {k} the dark one and {w} the light one. A style decides what they are, and may put a
stroke around everything.
"""

from __future__ import annotations

_MOTIFS: dict[str, str] = {
    "lotus": '<path d="M50 78Q20 52 50 16 80 52 50 78z" fill="{a}"/><path d="M50 78Q22 70 24 36 44 44 50 78zM50 78Q78 70 76 36 56 44 50 78z" fill="{b}"/><path d="M50 80Q18 84 4 54 32 52 50 80zM50 80Q82 84 96 54 68 52 50 80z" fill="{c}"/>',
    "sun": '<circle cx="50" cy="50" r="24" fill="{a}"/><path d="M46 4h8v14h-8zM46 82h8v14h-8zM4 46h14v8H4zM82 46h14v8H82zM15 21l6-6 10 10-6 6zM69 75l6-6 10 10-6 6zM15 79l10-10 6 6-10 10zM69 25l10-10 6 6-10 10z" fill="{b}"/>',
    "cup": '<path d="M70 42h12a14 14 0 0 1 0 28H70v-9h11a5 5 0 0 0 0-10H70z" fill="{b}"/><path d="M18 36h54v30a20 20 0 0 1-20 20H38a20 20 0 0 1-20-20z" fill="{a}"/><path d="M18 36h54v9H18z" fill="{k}"/><path d="M8 88h74v6H8z" fill="{c}"/><path d="M32 28q-7-7 0-13t0-12h5q7 7 0 13t0 12zM52 28q-7-7 0-13t0-12h5q7 7 0 13t0 12z" fill="{c}"/>',
    "beans": '<ellipse cx="36" cy="40" rx="24" ry="32" transform="rotate(-28 36 40)" fill="{a}"/><path d="M22 14q22 20 6 32t20 22l5-3Q38 56 46 44T28 12z" fill="{w}"/><ellipse cx="70" cy="68" rx="18" ry="25" transform="rotate(32 70 68)" fill="{b}"/><path d="M80 48q-18 12-9 22t-14 18l-4-3q16-7 9-17t14-22z" fill="{w}"/>',
    "cupcake": '<path d="M24 54h52l-8 38H32z" fill="{b}"/><path d="M36 54h7l2 38h-6zM57 54h7l-3 38h-6z" fill="{c}"/><path d="M50 14q16 6 14 16 14 2 14 13 8 3 6 13H16q-2-10 6-13 0-11 14-13-2-10 14-16z" fill="{a}"/><circle cx="50" cy="13" r="8" fill="{c}"/>',
    "bread": '<path d="M10 48q0-26 40-26t40 26q0 8-6 10v26H16V58q-6-2-6-10z" fill="{a}"/><path d="M30 38l10-8 5 6-10 8zM46 38l10-8 5 6-10 8zM62 38l10-8 5 6-10 8z" fill="{w}"/><path d="M16 74h68v10H16z" fill="{b}"/>',
    "note": '<path d="M36 20l48-12v58h-9V30l-30 8v40h-9z" fill="{a}"/><ellipse cx="31" cy="79" rx="16" ry="12" fill="{b}"/><ellipse cx="70" cy="67" rx="16" ry="12" fill="{b}"/>',
    "vinyl": '<circle cx="50" cy="50" r="44" fill="{k}"/><circle cx="50" cy="50" r="34" fill="none" stroke="{b}" stroke-width="1.5"/><circle cx="50" cy="50" r="27" fill="none" stroke="{b}" stroke-width="1.5"/><circle cx="50" cy="50" r="18" fill="{a}"/><circle cx="50" cy="50" r="4" fill="{w}"/><path d="M84 6h7L76 52l-8 6 2-9z" fill="{c}"/>',
    "rings": '<circle cx="36" cy="60" r="24" fill="none" stroke="{a}" stroke-width="7"/><circle cx="64" cy="60" r="24" fill="none" stroke="{b}" stroke-width="7"/><path d="M24 22l6-10h12l6 10-12 14z" fill="{c}"/>',
    "bouquet": '<path d="M34 54h32L54 96h-8z" fill="{b}"/><circle cx="34" cy="36" r="15" fill="{a}"/><circle cx="64" cy="34" r="16" fill="{c}"/><circle cx="50" cy="20" r="14" fill="{b}"/><circle cx="50" cy="46" r="14" fill="{a}"/><circle cx="34" cy="36" r="5" fill="{w}"/><circle cx="64" cy="34" r="5" fill="{w}"/><circle cx="50" cy="46" r="5" fill="{w}"/><path d="M36 66h28v8H36z" fill="{k}"/>',
    "heart": '<path d="M50 88C10 60 4 40 12 26 22 10 42 14 50 30 58 14 78 10 88 26 96 40 90 60 50 88z" fill="{a}"/><path d="M24 30q8-10 16 0" fill="none" stroke="{w}" stroke-width="5" stroke-linecap="round"/>',
    "balloons": '<path d="M32 54q6 20 16 42M68 48Q66 74 50 96" fill="none" stroke="{k}" stroke-width="2"/><path d="M50 4a20 24 0 0 1 0 48 20 24 0 0 1 0-48z" fill="{c}"/><path d="M30 14a20 23 0 0 1 0 46 20 23 0 0 1 0-46z" fill="{a}"/><path d="M71 10a19 22 0 0 1 0 44 19 22 0 0 1 0-44z" fill="{b}"/><path d="M22 24q-5 7-3 14M65 18q-5 6-4 12" fill="none" stroke="{w}" stroke-width="4" stroke-linecap="round"/>',
    "gift": '<path d="M12 40h76v16H12z" fill="{b}"/><path d="M18 56h64v36H18z" fill="{a}"/><path d="M43 40h14v52H43z" fill="{c}"/><path d="M50 40Q14 34 26 16 42 8 50 40 58 8 74 16 86 34 50 40z" fill="{c}"/>',
    "teddy": '<circle cx="24" cy="26" r="14" fill="{a}"/><circle cx="76" cy="26" r="14" fill="{a}"/><circle cx="24" cy="26" r="7" fill="{b}"/><circle cx="76" cy="26" r="7" fill="{b}"/><circle cx="50" cy="54" r="38" fill="{a}"/><ellipse cx="50" cy="66" rx="18" ry="14" fill="{w}"/><circle cx="36" cy="46" r="5" fill="{k}"/><circle cx="64" cy="46" r="5" fill="{k}"/><path d="M43 60h14l-7 8z" fill="{k}"/>',
    "pencil": '<path d="M66 8l26 26-54 54-30 6 6-30z" fill="{a}"/><path d="M66 8l26 26-10 10-26-26z" fill="{c}"/><path d="M14 64l24 24-30 6z" fill="{w}"/><path d="M10 82l8 8-12 4z" fill="{k}"/><path d="M50 28l7-7 26 26-7 7z" fill="{b}"/>',
    "cap": '<path d="M50 18l48 20-48 20L2 38z" fill="{a}"/><path d="M22 50v22q28 18 56 0V50L50 62z" fill="{b}"/><path d="M88 42h5v34h-5z" fill="{c}"/><circle cx="90" cy="80" r="7" fill="{c}"/>',
    "plane": '<path d="M6 56L94 10 72 88 50 64z" fill="{a}"/><path d="M94 10L38 60v30l12-26z" fill="{b}"/><path d="M50 64L38 90V60z" fill="{c}"/>',
    "palm": '<circle cx="68" cy="34" r="20" fill="{b}"/><path d="M44 38q12 22 6 52h10q6-34-9-54z" fill="{k}"/><path d="M48 38Q20 16 6 40 28 32 48 38zM48 38Q50 8 24 8 38 20 48 38zM48 38Q76 12 88 36 66 30 48 38zM48 38Q78 40 74 62 64 44 48 38zM48 38Q22 38 20 62 32 46 48 38z" fill="{a}"/><path d="M4 90q46-16 92 0v6H4z" fill="{c}"/>',
    "peaks": '<circle cx="74" cy="26" r="12" fill="{b}"/><path d="M2 88L38 20l36 68z" fill="{a}"/><path d="M40 88l28-46 30 46z" fill="{c}"/><path d="M38 20l13 25-8-4-6 8-5-8-7 4z" fill="{w}"/><path d="M68 42l8 12-6-2-4 4-4-4z" fill="{w}"/>',
    "tent": '<path d="M50 18L6 86h88z" fill="{a}"/><path d="M50 18l-6 68h-38z" fill="{b}"/><path d="M50 40l18 46H34z" fill="{k}"/><path d="M2 86h96v6H2z" fill="{c}"/><circle cx="82" cy="20" r="9" fill="{b}"/>',
    "dumbbell": '<path d="M30 45h40v10H30z" fill="{k}"/><path d="M18 24h14v52H18zM68 24h14v52H68z" fill="{a}"/><path d="M6 34h12v32H6zM82 34h12v32H82z" fill="{b}"/>',
    "bolt": '<path d="M58 4L16 58h28l-8 38 48-58H54z" fill="{a}"/><path d="M58 4L36 50l8 8-8 38 30-40-10-8z" fill="{b}"/>',
    "house": '<path d="M18 46h64v46H18z" fill="{b}"/><path d="M50 8l46 42H4z" fill="{a}"/><path d="M42 62h18v30H42z" fill="{k}"/><path d="M24 56h12v14H24zM66 56h10v14H66z" fill="{w}"/><path d="M72 12h10v20l-10-9z" fill="{c}"/>',
    "towers": '<path d="M10 40h26v54H10z" fill="{b}"/><path d="M34 8h32v86H34z" fill="{a}"/><path d="M66 30h26v64H66z" fill="{c}"/><path d="M41 18h6v8h-6zM53 18h6v8h-6zM41 34h6v8h-6zM53 34h6v8h-6zM41 50h6v8h-6zM53 50h6v8h-6zM17 50h5v8h-5zM17 66h5v8h-5zM74 42h4v8h-4zM82 42h4v8h-4zM74 58h4v8h-4zM82 58h4v8h-4z" fill="{w}"/><path d="M44 74h12v20H44z" fill="{k}"/>',
    "chip": '<path d="M34 6h6v88h-6zM47 6h6v88h-6zM60 6h6v88h-6zM6 34h88v6H6zM6 47h88v6H6zM6 60h88v6H6z" fill="{b}"/><rect x="18" y="18" width="64" height="64" rx="8" fill="{a}"/><rect x="34" y="34" width="32" height="32" rx="4" fill="{c}"/><circle cx="50" cy="50" r="7" fill="{w}"/>',
    "laptop": '<rect x="14" y="20" width="72" height="52" rx="5" fill="{k}"/><path d="M20 26h60v40H20z" fill="{a}"/><path d="M4 74h92l-6 12H10z" fill="{b}"/><path d="M28 36h22v5H28zM28 46h34v5H28zM28 56h16v4H28z" fill="{w}"/><circle cx="68" cy="40" r="7" fill="{c}"/>',
    "bulb": '<path d="M50 6a32 32 0 0 1 18 58v12H32V64A32 32 0 0 1 50 6z" fill="{a}"/><path d="M34 78h32v7H34zM38 88h24v7H38z" fill="{k}"/><path d="M50 66V44L40 34M50 44l10-10" fill="none" stroke="{w}" stroke-width="5" stroke-linecap="round"/>',
    "bars": '<path d="M8 62h18v30H8z" fill="{b}"/><path d="M32 46h18v46H32z" fill="{c}"/><path d="M56 28h18v64H56z" fill="{a}"/><path d="M10 44l28-18 14 8 30-26-1 14 13-16-18-4 6 6-30 24-14-8L6 38z" fill="{k}"/>',
    "coins": '<ellipse cx="38" cy="80" rx="30" ry="12" fill="{b}"/><ellipse cx="38" cy="68" rx="30" ry="12" fill="{a}"/><ellipse cx="38" cy="56" rx="30" ry="12" fill="{b}"/><circle cx="66" cy="34" r="26" fill="{a}"/><circle cx="66" cy="34" r="18" fill="{c}"/><path d="M63 22h6v24h-6z" fill="{w}"/>',
    "megaphone": '<path d="M16 40l52-26v60L16 58z" fill="{a}"/><path d="M68 14q20 8 20 30T68 74z" fill="{b}"/><path d="M6 38h14v22H6z" fill="{c}"/><path d="M26 60l14 4 6 26H34z" fill="{k}"/>',
    "dress": '<path d="M36 8q4 14 14 14T64 8l8 4-4 28-6 6 20 44q-32 12-64 0l20-44-6-6-4-28z" fill="{a}"/><path d="M38 44h24v7H38z" fill="{c}"/><path d="M38 52L26 90l10 3 8-41zM62 52l12 38-10 3-8-41z" fill="{b}"/>',
    "bag": '<path d="M18 36h64l8 56H10z" fill="{a}"/><path d="M32 44V28a18 18 0 0 1 36 0v16h-6V28a12 12 0 0 0-24 0v16z" fill="{k}"/><path d="M14 66h72l2 12H12z" fill="{b}"/><circle cx="50" cy="72" r="7" fill="{c}"/>',
    "bottle": '<path d="M42 6h16v14H42z" fill="{k}"/><path d="M40 20h20l2 10q16 8 16 24v32q0 8-8 8H30q-8 0-8-8V54q0-16 16-24z" fill="{a}"/><path d="M22 54h56v26H22z" fill="{w}"/><path d="M50 58q12 8 0 18-12-10 0-18z" fill="{b}"/>',
    "bowl": '<path d="M30 36q-8-10 0-18t0-16h5q8 10 0 18t0 16zM56 36q-8-10 0-18t0-16h5q8 10 0 18t0 16z" fill="{c}"/><path d="M6 46h88q0 26-22 38v8H28v-8Q6 72 6 46z" fill="{a}"/><path d="M12 60h76l-4 8H16z" fill="{b}"/><path d="M58 44L92 18l4 5-28 21z" fill="{k}"/>',
    "plate": '<circle cx="50" cy="50" r="30" fill="{b}"/><circle cx="50" cy="50" r="21" fill="{w}"/><path d="M50 38q14 4 10 14t-16 8q-8-8-4-16 4-6 10-6z" fill="{a}"/><path d="M4 14h3v20h3V14h3v20h3V14h3v26l-5 6v42H9V46l-5-6zM84 12q12 8 10 36l-5 4v36h-6V12z" fill="{k}"/>',
    "pot": '<path d="M26 62h48l-6 32H32z" fill="{a}"/><path d="M22 56h56v12H22z" fill="{c}"/><path d="M50 58Q46 26 50 6 62 26 50 58z" fill="{b}"/><path d="M50 58Q18 50 12 22 42 24 50 58zM50 58Q82 50 88 22 58 24 50 58z" fill="{b}"/>',
    "flower": '<path d="M47 56h6v40h-6z" fill="{b}"/><path d="M50 92Q30 90 24 70 46 70 50 92z" fill="{b}"/><circle cx="50" cy="20" r="15" fill="{a}"/><circle cx="71" cy="34" r="15" fill="{a}"/><circle cx="64" cy="58" r="15" fill="{a}"/><circle cx="36" cy="58" r="15" fill="{a}"/><circle cx="29" cy="34" r="15" fill="{a}"/><circle cx="50" cy="41" r="13" fill="{c}"/>',
    "dog": '<path d="M24 30Q2 26 8 66q14 2 20-18zM76 30q22-4 16 36-14 2-20-18z" fill="{b}"/><path d="M50 18q32 0 30 36 0 36-30 38Q20 90 20 54 18 18 50 18z" fill="{a}"/><path d="M50 52q18 6 16 22-4 14-16 14T34 74q-2-16 16-22z" fill="{w}"/><circle cx="36" cy="46" r="5" fill="{k}"/><circle cx="64" cy="46" r="5" fill="{k}"/><path d="M41 62h18l-9 10z" fill="{k}"/>',
    "paw": '<path d="M50 46q22 8 26 26 2 18-16 14-10-3-20 0-18 4-16-14 4-18 26-26z" fill="{a}"/><ellipse cx="20" cy="44" rx="10" ry="14" fill="{b}"/><ellipse cx="38" cy="24" rx="10" ry="15" fill="{a}"/><ellipse cx="62" cy="24" rx="10" ry="15" fill="{a}"/><ellipse cx="80" cy="44" rx="10" ry="14" fill="{b}"/>',
    "planet": '<circle cx="50" cy="50" r="28" fill="{a}"/><path d="M24 42q26 14 52 0l2 8q-28 14-56 0z" fill="{b}"/><path d="M25 62Q2 76 6 82q8 8 48-14t42-42q-3-5-24 2 14-2 14 2-4 14-36 30T12 76q-2-4 13-14z" fill="{c}"/><circle cx="16" cy="22" r="3" fill="{c}"/><circle cx="84" cy="78" r="4" fill="{b}"/>',
    "rocket": '<path d="M50 4q24 22 20 58H30Q26 26 50 4z" fill="{a}"/><path d="M30 46L14 66v18l18-10zM70 46l16 20v18L68 74z" fill="{b}"/><circle cx="50" cy="36" r="10" fill="{w}"/><path d="M38 66h24l-12 30z" fill="{c}"/>',
    "tree": '<path d="M46 60h8v36h-8z" fill="{k}"/><circle cx="50" cy="34" r="28" fill="{a}"/><circle cx="28" cy="50" r="18" fill="{b}"/><circle cx="72" cy="50" r="18" fill="{b}"/><circle cx="58" cy="28" r="9" fill="{c}"/>',
    "globe": '<circle cx="50" cy="50" r="42" fill="{b}"/><path d="M20 28q18-18 34-14-2 14-14 16 8 10-4 18-14-4-16-20zM58 44q18-8 30 4 0 18-14 32-12-4-10-18-10-6-6-18zM30 62q12 2 12 16l-6 10Q20 80 30 62z" fill="{a}"/>',
    "palette": '<path d="M50 10c30 0 46 18 44 38-2 14-16 16-26 14-10-1-10 10-6 16 4 8-2 14-12 14C22 92 6 72 6 50 6 26 26 10 50 10z" fill="{a}"/><circle cx="30" cy="38" r="8" fill="{b}"/><circle cx="52" cy="26" r="8" fill="{w}"/><circle cx="74" cy="36" r="8" fill="{c}"/><circle cx="26" cy="62" r="8" fill="{k}"/>',
    "camera": '<path d="M34 18h32l6 12H28z" fill="{b}"/><rect x="8" y="28" width="84" height="58" rx="9" fill="{a}"/><circle cx="50" cy="57" r="22" fill="{w}"/><circle cx="50" cy="57" r="15" fill="{k}"/><circle cx="50" cy="57" r="6" fill="{c}"/><circle cx="80" cy="40" r="4" fill="{c}"/>',
    "book": '<path d="M50 26Q30 12 6 18v62q24-6 44 8z" fill="{a}"/><path d="M50 26q20-14 44-8v62q-24-6-44 8z" fill="{b}"/><path d="M14 32q14-2 28 5v5q-14-7-28-5zM14 46q14-2 28 5v5q-14-7-28-5zM86 32q-14-2-28 5v5q14-7 28-5zM86 46q-14-2-28 5v5q14-7 28-5z" fill="{w}"/><path d="M66 16l12-1v30l-6-6-6 6z" fill="{c}"/>',
    "clapper": '<path d="M8 40h84v48H8z" fill="{a}"/><path d="M8 40L4 26l80-18 4 14z" fill="{k}"/><path d="M18 23l14-3-6 14-12 3zM46 17l14-3-6 14-13 3zM72 11l12-3 2 12-18 4z" fill="{w}"/><path d="M42 52l24 12-24 12z" fill="{c}"/>',
    "ball": '<circle cx="50" cy="50" r="42" fill="{a}"/><path d="M50 34l16 12-6 18H40l-6-18z" fill="{k}"/><path d="M50 8l10 10-10 8-10-8zM92 48l-12 8-8-10 6-12zM8 48l12 8 8-10-6-12zM26 84l2-14 12 2 2 14zM74 84l-2-14-12 2-2 14z" fill="{b}"/>',
    "trophy": '<path d="M28 10h44v26q0 24-22 26-22-2-22-26z" fill="{a}"/><path d="M28 16H10q0 26 22 28v-8q-12-2-14-12h10zM72 16h18q0 26-22 28v-8q12-2 14-12H72z" fill="{b}"/><path d="M45 60h10v16H45z" fill="{b}"/><path d="M30 76h40v14H30z" fill="{k}"/><path d="M50 20l4 8 8 1-6 6 2 9-8-5-8 5 2-9-6-6 8-1z" fill="{c}"/>',
    "gamepad": '<path d="M26 30h48q16 0 20 24 4 26-8 26-8 0-16-14H30Q22 80 14 80 2 80 6 54q4-24 20-24z" fill="{a}"/><path d="M26 40h7v7h7v7h-7v7h-7v-7h-7v-7h7z" fill="{k}"/><circle cx="66" cy="54" r="5" fill="{c}"/><circle cx="78" cy="46" r="5" fill="{b}"/>',
    "pine": '<path d="M45 78h10v16H45z" fill="{k}"/><path d="M50 6l20 26h-9l15 20h-9l17 26H16l17-26h-9l15-20h-9z" fill="{a}"/><circle cx="44" cy="36" r="4" fill="{c}"/><circle cx="58" cy="50" r="4" fill="{b}"/><circle cx="40" cy="64" r="4" fill="{b}"/><circle cx="62" cy="70" r="4" fill="{c}"/><path d="M50 0l3 6 6 1-5 4 2 7-6-4-6 4 2-7-5-4 6-1z" fill="{c}"/>',
    "flake": '<path d="M47 4h6v92h-6z" fill="{a}"/><path d="M8 30l3-5 81 45-3 5zM8 70l81-45 3 5-81 45z" fill="{a}"/><path d="M50 22L38 10l4-4 8 8 8-8 4 4zM50 78l12 12-4 4-8-8-8 8-4-4zM26 36L10 40l-1-6 11-3-3-11 6-1zM74 64l16-4 1 6-11 3 3 11-6 1zM26 64l-5 16-6-1 3-11-11-3 2-6zM74 36l5-16 6 1-3 11 11 3-2 6z" fill="{b}"/>',
    "pumpkin": '<path d="M46 24q-2-14 12-18l3 7q-8 2-7 11z" fill="{k}"/><ellipse cx="28" cy="58" rx="22" ry="30" fill="{b}"/><ellipse cx="72" cy="58" rx="22" ry="30" fill="{b}"/><ellipse cx="50" cy="57" rx="26" ry="34" fill="{a}"/><path d="M30 46l14 0-7 12zM56 46h14l-7 12zM26 66h10l4 6 6-6h8l6 6 4-6h10q-8 18-24 18T26 66z" fill="{k}"/>',
    "moon": '<path d="M62 6a44 44 0 1 0 32 60A36 36 0 0 1 62 6z" fill="{a}"/><path d="M80 14l3 8 8 1-6 6 2 8-7-4-7 4 2-8-6-6 8-1z" fill="{b}"/><circle cx="30" cy="50" r="6" fill="{c}"/><circle cx="46" cy="72" r="4" fill="{c}"/>',
    "cross": '<path d="M50 92C12 64 4 44 12 28 22 12 42 16 50 30 58 16 78 12 88 28 96 44 88 64 50 92z" fill="{a}"/><path d="M42 34h16v12h12v16H58v12H42V62H30V46h12z" fill="{w}"/>',
    "drop": '<path d="M50 6q32 38 32 56a32 32 0 0 1-64 0Q18 44 50 6z" fill="{a}"/><path d="M50 90a28 28 0 0 1-28-30q12 10 28 2t28-2a28 28 0 0 1-28 30z" fill="{b}"/><circle cx="38" cy="52" r="5" fill="{w}"/>',
    "people": '<circle cx="26" cy="34" r="13" fill="{b}"/><path d="M4 86q0-36 22-36t22 36z" fill="{b}"/><circle cx="74" cy="34" r="13" fill="{c}"/><path d="M52 86q0-36 22-36t22 36z" fill="{c}"/><circle cx="50" cy="30" r="15" fill="{a}"/><path d="M22 92q0-44 28-44t28 44z" fill="{a}"/>',
    "chair": '<path d="M28 8h44q6 0 6 8v32H22V16q0-8 6-8z" fill="{a}"/><path d="M12 34q10 0 10 10v14h56V44q0-10 10-10t8 12l-4 26H8L4 46q-2-12 8-12z" fill="{b}"/><path d="M16 72h7l-5 22h-6zM77 72h7l4 22h-6z" fill="{k}"/><path d="M36 34h28v20H36z" fill="{c}"/>',
    "lamp": '<path d="M34 6h32l18 40H16z" fill="{a}"/><path d="M47 46h6v40h-6z" fill="{k}"/><path d="M30 86h40v8H30z" fill="{b}"/><path d="M62 46h4v16h-4z" fill="{c}"/>',
    "glass": '<path d="M24 6h52q4 46-22 50v28h16v8H30v-8h16V56Q20 52 24 6z" fill="{b}"/><path d="M26 26h48q-2 24-24 24T26 26z" fill="{a}"/><circle cx="76" cy="14" r="10" fill="{c}"/>',
}

_OF_TOPIC: dict[str, tuple[str, ...]] = {
    "yoga": ("lotus", "sun", "moon"),
    "coffee": ("cup", "beans"),
    "bakery": ("cupcake", "bread"),
    "music": ("vinyl", "note"),
    "wedding": ("rings", "bouquet", "heart"),
    "birthday": ("balloons", "gift", "cupcake"),
    "kids": ("teddy", "balloons", "sun"),
    "school": ("pencil", "cap", "book"),
    "travel": ("palm", "plane", "globe"),
    "outdoors": ("peaks", "tent", "tree"),
    "fitness": ("dumbbell", "bolt", "trophy"),
    "realestate": ("house", "towers"),
    "technology": ("chip", "laptop"),
    "startup": ("bulb", "rocket", "towers"),
    "finance": ("bars", "coins", "towers"),
    "marketing": ("megaphone", "bars"),
    "fashion": ("dress", "bag"),
    "beauty": ("bottle", "flower"),
    "food": ("bowl", "plate", "glass"),
    "garden": ("pot", "flower"),
    "pets": ("dog", "paw"),
    "space": ("planet", "rocket", "moon"),
    "environment": ("globe", "tree", "drop"),
    "art": ("palette", "pencil"),
    "photography": ("camera",),
    "books": ("book",),
    "cinema": ("clapper", "camera"),
    "sports": ("ball", "trophy"),
    "gaming": ("gamepad", "trophy"),
    "winter": ("pine", "flake", "gift"),
    "halloween": ("pumpkin", "moon"),
    "health": ("cross", "heart"),
    "community": ("people", "heart"),
    "architecture": ("chair", "lamp", "towers"),
}
MOTIF_NAMES = tuple(_MOTIFS)


def motif_for(tags: tuple[str, ...], seed: int) -> str:
    """The name of the motif for what `tags` are about; the first tag is the topic. Unknown topics get any motif."""
    for tag in tags:
        if tag in _OF_TOPIC:
            return _OF_TOPIC[tag][seed % len(_OF_TOPIC[tag])]
    return MOTIF_NAMES[seed % len(MOTIF_NAMES)]


def motif_markup(name: str, primary: str, secondary: str, accent: str, dark: str, light: str) -> str:
    """The markup of one motif in the given paints, to be put in a group that places and scales it."""
    markup = _MOTIFS[name]
    for mark, paint in (("{a}", primary), ("{b}", secondary), ("{c}", accent), ("{k}", dark), ("{w}", light)):
        markup = markup.replace(mark, paint)
    return markup
