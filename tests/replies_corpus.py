"""What customers write back, in English and Spanish, and what each of it asks for.

`STOP` is final, `PERHAPS` pauses the customer until somebody has read it, `START` begins again, `ON` goes on.
Complaints stand under `ON` on purpose: what pauses the unhappy asks only the happy (R1).
"""

STOP = """
stop
STOP!!!
Stop.
"STOP"
«stop»
🛑 stop 🛑
(stop)
Stop stop stop
S.T.O.P.
stop all
quit
QUIT.
end
End!
revoke
Revoke.
opt out
OPT-OUT
Opt out.
optout
cancel
CANCEL
“Cancel”
unsubscribe
Unsubscribe!
UNSUBSCRIBE 😡
alto
ALTO
¡Alto!
Pare
PARE.
¡Paren!
para
parar
PARAR
cancelar
Cancelar.
Cancele
baja
BAJA
dar de baja
Darme de baja
salir
SALIR
no más
No mas
¡NO MÁS!
detener
Detener.
Deténgase
detente
terminar
fin
desuscribir
revocar
"""

START = """
START
start
Start!
"Start"
UNSTOP
unstop.
empezar
EMPEZAR
¡Empezar!
comenzar
Comenzar 😊
"""

PERHAPS = """
please don't text me again
Please don’t message me
STOP texting me
stop please
Please stop
Stop it
pls stop
STOP SENDING ME MESSAGES
Can you stop
Why don't you stop
you won't stop texting me
make it stop
I said stop
stop 2
stopp
STOOOOP
stpo
Sotp
remove me from your list
Remove me
remove my number
please remove this number
Please remove
take me off this
Take me off your list please
Take my number off
get me off this list
Wrong number
You have the wrong number
wrong person sorry
I think you have the wrong person
who is this?
Who's this
who are you
Who dis
New phone who dis
do I know you?
leave me alone!!
leave me the hell alone
Leave us alone
Go away
go away!!!
I want to opt out please
Opt me out
I'm opting out
unsubscribe me
Please unsubscribe
I'd like to unsubscribe from these texts
unsuscribe
UNSUBCRIBE
unsub
do not contact me
Do not text this number
Do not call or text
don't contact me anymore
Never text me again
don't ever message me
Don't write to me again
don't ask me again
no more texts
No more messages please
no more
No texts please
No thanks
No thank you
no
Nope
Nah
Not interested
I'm not interested, thanks
No longer interested
I don't want these messages
I don't want to receive texts
I do not want to leave a review
I don't leave reviews
I'd rather not
lose my number
Delete my number
delete me
Delete my info from your system
erase my data
forget my number
quit texting me
Quit it
quit messaging
please quit
please end
End this conversation
end these texts
spam
This is spam
stop spamming me
Harassment
This is harassment, I will report you
Is this a scam?
this is a scam
scam
looks like phishing
reporting as junk
I'm reporting you
Blocked
blocking you
I'm blocking this number
I will block you
How did you get my number?
where did you get my number
Who gave you my number
I never signed up for this
I didn't give you permission to text me
I did not consent
I revoke my consent
I withdraw my consent
without my permission
I'm on the do not call list
TCPA violation
I will sue
you'll hear from my lawyer
I'm not a customer
I've never been a customer
never heard of you
I don't know you
I am not Marcus
This isn't Marcus
This is not Grace
no Marcus here
Not his number
My husband passed away
She died last month
He is deceased
fuck off
F off
screw you
piss off
get lost
shut up
knock it off
Enough
Enough already
enough with the texts
too many texts
Basta de mensajes
quit bugging me
you're bothering me
stop bothering me
annoying texts
cease and desist
Discontinue
cancel my Tuesday appointment please
I need to cancel my subscription
Please cancel
Cancel this
cancel everything
I could not cancel
🛑
🖕
🚫🚫
no me escribas más
No me escriba mas
no me escriban
no me mande mensajes
No me manden más textos por favor
no me envíe nada
No me envíes más mensajes
no me contacten
no me llame
No me molesten
no me vuelva a escribir
no me sigan escribiendo
Ya no me escriban
ya no quiero mensajes
Ya no más
no quiero recibir mensajes
No quiero que me escriban
no quiero nada
no deseo recibir textos
no más mensajes
No más por favor
ni un mensaje más
déjeme en paz
Déjame en paz
dejenme en paz
Dejenme tranquilo
deje de escribirme
Dejen de mandar mensajes
deja de molestar
paren de escribir
pare de mandarme mensajes
pare ya
Pare por favor
ya pare
por favor alto
Alto por favor
Ya basta
basta
¡Basta ya!
Quítenme de su lista
quiteme de la lista
bórrenme de la lista
Borre mi número
elimine mi numero por favor
Elimínenme
sáqueme de la lista
me pueden quitar de la lista
quiero darme de baja
Deme de baja por favor
quiero cancelar
Cancele mi cita del martes por favor
Quiero salir de la lista
cómo salgo de esto
no me interesa
No estoy interesado
no gracias
No, gracias.
No muchas gracias
número equivocado
Se equivocó de número
Numero equivocado, no soy Marcos
equivocado
No soy esa persona
no soy cliente
quién es?
¿Quién eres?
quien habla
¿Quién me escribe?
no sé quién es usted
de dónde sacó mi número
Cómo consiguieron mi numero
quien les dio mi numero
esto es spam
Esto es una estafa
¿es una estafa?
esto es acoso
me están molestando
voy a bloquear este número
Los voy a denunciar, voy a denunciarlos
los bloqueo
bloqueado
no autoricé esto
No di permiso
sin mi consentimiento
retiro mi consentimiento
falleció el mes pasado
mi esposo ya murió
detengan los mensajes
por favor detengan esto
desuscríbame
váyanse
no chinguen
STOP por favor
demasiados mensajes
kindly stop
STOP!! you people
i told you to stop
quit contacting this phone
do not ever contact me again
dont txt me
plz dont text
no more of these
I've asked you not to text me
please take this number off
not a good number
you got the wrong number
sorry wrong #
nobody named Marcus here
who the hell is this
whose number is this
How'd you get this number
Where'd you get my info
im not interested in this
I don't want this
don't want it
i decline
not wanting messages
Leave me out of this
pls unsubscribe me
unsubscribe please thanks
Opt-out please
End texts
STOP MESSAGES
block
blockin u
reported
reported as spam
spam reported
this is illegal
you are harassing me
sue
stop or I call the police
never contact me
No solicitation
no soliciting
never do business with you so don't text
I moved, please remove
my dad passed away in June
she is no longer living
delete this number
please lose this number
Do Not Disturb
stop.. just stop
Ya no me manden nada
por favor no me mande mas
no mande mas mensajes
no envien mas
Ya no escriban
déjenme de molestar
dejen de molestar
no molesten
no molestar
No me interesa gracias
no, no me interesa
Sáquenme de aquí
quítame de esta lista
quiero que me borren
Borrenme
nop
Este no es el número de Marcos
No conozco a ningún Marcos
numero incorrecto
no es mi número
quien eres tú
De dónde me conocen
quién les dio mi teléfono
no los conozco
es spam
los voy a reportar
voy a reportarlos
cancelen todo
Detener mensajes
parar mensajes
STOP, ya no quiero
no moleste
Ya basta con los mensajes
Knock it off with these texts
I don't recognize this number
why are you texting me
Why do I keep getting these
how do I stop these
how do i opt out
get off my phone
You have mistaken me for someone else
not your customer
wrong contact
I do not want any more texts
I'm done with your messages
no more pls
please do not send anything else
Do not reply
don't bother
leave this number alone
quit spamming
pls take me out
i am not him
he doesn't live here
he moved away
this is a business line, do not text
this is a landline
I am a minor
you are breaking the law texting me
stop it now or else
for the last time, no texts
Please refrain from messaging
I wish to be removed
remove plz
take my name off
unsub pls
¿por qué me escriben?
por qué tienen mi número
no vuelvan a escribir
No quiero más de esto
no estoy interesada
déjenme tranquila
ya déjenme
favor de no escribir
favor de no molestar
ya no vivo ahí, bórrenme
eso no es conmigo
me equivocaron con otra persona
sáquenme
no me busquen
pueden parar ya
"""

ON = """
Thank you!
Great work, five stars
Yes
👍
❤️
Nonstop fun
Don't stop!
Don't stop doing what you're doing
the end is near
non stop service
stop by anytime
I'll stop by tomorrow
We will stop in next week
Can I stop at the shop later?
You're my first stop for coffee
One stop shop for everything
quick stop, great coffee
the bus stop is right outside
I can't stop smiling
couldn't stop laughing
You managed to stop the leak, thank you
Thanks for helping us stop the noise
You stopped the leak so fast
I'll end up leaving a review
We had a great weekend
in the end it all worked out
from beginning to end it was perfect
The end result is beautiful
great to the very end
I almost had to cancel, thanks for coming early
I had to cancel last time, you were so kind
No need to cancel, see you Tuesday
Noise cancelling headphones work again
I quit my job today lol
The old heater quit on us, you saved us
No problem!
No worries
no complaints at all
No more leaks, thank you!
No more problems since you came
not a problem
Not bad at all
I'm not sure how to do it
I'm not home right now
Who do I ask for?
Who was the technician? He was great
Who is the owner? I want to thank him
who is coming tomorrow?
I don't know how to leave a review
I don't want to forget to thank you
I do not have Google
Never better!
I'll never call anyone else
I've never been happier
I have never used Google reviews before
Never had a better haircut
You removed the tree so well
Please remove the old heater too
You took the stain off, amazing
Leave the key under the mat
I'll leave one tonight
I will leave a review when I get home
will do
Will do, thanks
Sure thing
OK
Ok sounds good
Done!
Just did
Posted 😊
How do I do that?
Can you send me the link again?
Link doesn't work
Please call me
Call me when you can
Please text me the invoice
text me anytime
Send me a message when it's ready
I'm driving right now, will answer later
I'm in a meeting
Busy now, later
You guys are the best
The block party was fun
The road was blocked but you made it
good enough for me
Can't get enough of your bread
More than enough, thank you
My battery died and you came in ten minutes
The car died again
Junk removal was great
Your spam musubi is the best
We report good news to our neighbors
My lawyer recommended you
Your attorneys were great
You opted for the better part, thanks
What are your options for Friday?
I subscribed to your newsletter
Is this a real person?
The worst service ever
Terrible. I will never come back
I'm not happy with the work
This is not good
You scammed me on the price
You overcharged me
Very disappointed
You never call me back
Why didn't you call me back?
They don't call me back
👎
It still leaks
I want a refund
One star
Rude technician
Never again will I hire you
Loved “Hi Marcus, it's Ada from Ada's Bakery. (Reply STOP and I won't write again.)”
Liked “Reply STOP and I won't write again.”
Disliked “Reply STOP and I won't write again.”
Le encantó “Responde ALTO y no te escribo más.”
Gracias
¡Muchas gracias!
Sí
Claro que sí
Excelente servicio
El mejor pan de la ciudad
De nada
Nada más quería dar las gracias
no hay de qué
No hay problema
No tengo quejas
No, gracias a ustedes
no gracias a usted por todo
un alto nivel de servicio
Muy alto el techo pero lo pintaron bien
Para mañana está bien
para mí fue excelente
Es para mi mamá
La presión del agua está baja
Planta baja, por favor
Al salir vi el trabajo, quedó hermoso
Voy a salir ahora, luego escribo
Al final quedó perfecto
Nos vemos el fin de semana
Por fin alguien serio
Tuve que cancelar la otra vez, gracias por la paciencia
No voy a cancelar
No más goteras, gracias
Ya no gotea
Ya no me duele la muela
No sé cómo dejar una reseña
Quiero dejar una reseña
Le dejo la reseña hoy
Ahorita la escribo
Quién me atendió fue muy amable
¿Quién viene mañana?
Se murió la batería y llegaron rápido
Está bien chingón
Basta con llamar y vienen
Llámeme por favor
Mándeme el enlace otra vez
No me llamaron
no me contestan el teléfono
Pésimo servicio
Me cobraron de más
No quedé contento
Muy caro
Nunca más vuelvo a ese lugar
El parque queda enfrente
Me gustó mucho
Todo bien
Buenas tardes
¿Cuánto les debo?
Empezamos el lunes
When do we start?
Start with the kitchen please
We love your shop
Awesome, thanks Todd
The crew cleaned up nicely
You're welcome!
I'd be glad to
on it
Give me till tonight
My Google is not letting me
The picture is so cute!
haha nice picture
is that my van
How long does it take
Do I need an account
who made this picture, it's great
I can't find where to write it
send it again please
Need another appointment
When is my next visit
what's your address
I don't need anything else
We don't live there any more but thanks
I never got the invoice
Don't forget the filter next time
I would not change a thing
Nothing to complain about
The sink stopped draining again
It won't stop dripping
will you be at the market this weekend
I'm at the end of my rope with this AC
Cancelled my other plumber because of you
Out of ten, eleven
no doubt
No one does it better
Nobody else would come on a Sunday
Quédense con el cambio
Lo recomiendo mucho
Quedó chueco
El perro está bien
no cabe duda
Nadie más vino
¿Aceptan tarjeta?
Mándenme la factura
Me llamo Grace
Yo también
No sé, tal vez mañana
Al contrario, gracias a ustedes
You did a fantastic job, will definitely call you again
I have already left one
Already did, last week
Do you guys do gutters too?
What time do you close?
Is Saturday OK?
The toilet is running again
I was wondering if the warranty covers this
The guy who came was super nice
It stopped working again
Works great, no more noise
I never write reviews but for you I will
Not yet, give me a few days
I can't open the link
My phone won't open it
What is this link
Which site is it?
Who should I make the check out to?
My wife says thank you
He was on time and polite
She loved the cake
Are you open on Labor Day?
Take your time
We ended up with two cakes
Don't worry about it
don't mention it
No need, I already did
No I haven't yet
No idea how
No, it was perfect
no sir everything good
Not at all, pleasure was mine
Tell Todd I said hi
I don't use Google
Don't have an account
I want to change my appointment
Can we move it to Friday?
My number changed, please update it
Please send the invoice to my email
I asked for the receipt twice
You forgot to remove the old pipe
I'm happy you came
Is this Todd?
hey is this about the AC
Left you 5 stars
leave it at the door
I will be out of town until Monday
I'm out of the office
Great to hear from you
Not the best but ok
meh
It was fine
Price was too high
You broke my fence
I'm blocked in the driveway
Report the leak to the city?
Can you send me a text when you arrive
thanks for the text
Nice message!
I got your message
You don't have to ask, of course
Gracias por todo, Dios los bendiga
Ya la dejé
Ya les puse 5 estrellas
Mañana la escribo sin falta
No tengo cuenta de Google
No puedo abrir el enlace
no sé cómo se hace
Me encantó, ¡volveré!
El técnico muy educado
Se tardaron mucho
Me dejaron todo sucio
¿A qué hora cierran?
¿Hacen pasteles de boda?
Pare que todo quedó bien
Quería preguntar por la garantía
Mi esposa está muy contenta
Ahora no puedo, al rato
Estoy manejando
Sí, con mucho gusto
No, todo bien, gracias
no todavía
Todavía no
Quien contesta el teléfono es muy amable
Alto ahí que no he pagado jaja
"""


def table() -> list[tuple[str, str]]:
    """(words, verdict), all of them."""
    groups = {"stop": STOP, "start": START, "perhaps stop": PERHAPS, "none": ON}
    return [(line, verdict) for verdict, lines in groups.items() for line in lines.strip().splitlines()]
